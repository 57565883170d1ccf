// @ts-check
// Building the page. Text enters through text nodes alone, so that no name from the network can
// become markup; styles are set through the CSSOM, which the page's CSP permits.

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * An element with attributes, listeners (`onclick: f`) and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) give(element, name, value);
  append(element, children);
  return element;
}

/** @param {Element} element @param {string} name @param {any} value */
export function give(element, name, value) {
  if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
  else if (value === false || value == null) element.removeAttribute(name);
  else if (value === true) element.setAttribute(name, '');
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

/** @param {Element} element @param {Child[]} children */
export function append(element, children) {
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) element.append(child instanceof Node ? child : String(child));
  }
}

/** Sets text where it changed. @param {Node} element @param {string | number} value */
export function say(element, value) {
  const text = String(value);
  if (element.textContent !== text) element.textContent = text;
}

/** Width in percent of the parent. @param {HTMLElement} element @param {number} share */
export function widen(element, share) {
  const width = `${(Math.max(0, Math.min(1, share || 0)) * 100).toFixed(2)}%`;
  if (element.style.width !== width) element.style.width = width;
}

const ICONS = {
  overview: 'M3 12h4l3-8 4 16 3-8h4',
  history: 'M4 20V10M10 20V4M16 20v-7M22 20H2',
  performance: 'M4 19a9 9 0 1 1 16 0M12 14l4-5',
  pause: 'M8 5v14M16 5v14',
  play: 'M7 4.5v15l12-7.5z',
  theme: 'M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5',
  help: 'M9 9a3 3 0 1 1 4.2 2.8c-.8.4-1.2 1-1.2 2.2M12 17.5v.01',
  book: 'M5 4h10a4 4 0 0 1 4 4v12H9a4 4 0 0 1-4-4zM9 9h6M9 13h6',
  earlier: 'M15 5l-7 7 7 7',
  later: 'M9 5l7 7-7 7',
  close: 'M6 6l12 12M18 6L6 18',
  zoom: 'M11 4a7 7 0 1 1 0 14a7 7 0 0 1 0-14zM20 20l-4-4M8 11h6',
  warn: 'M12 4l9 16H3zM12 10v4M12 17v.01',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  check: 'M5 12.5l4.5 4.5L19 7.5',
};

/** A line icon; decoration only. @param {keyof typeof ICONS} name */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  for (const [key, value] of Object.entries({ viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true' })) svg.setAttribute(key, value);
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}
