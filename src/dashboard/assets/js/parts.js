// @ts-check
// The page's building blocks: panels with their states, tiles, segmented choices, meters.

import { append, give, h, icon, say, widen } from './dom.js';

let ids = 0;

/**
 * A titled box. It shows a skeleton until its first data, then data, emptiness or a problem.
 * @param {{title: string, note?: string, span?: string, actions?: Node[]}} options
 */
export function panel({ title, note, span = '', actions = [] }) {
  const id = `panel-${(ids += 1)}`;
  const body = h('div', { class: 'panel-body' });
  const message = h('div', { class: 'panel-message', hidden: true });
  const remark = h('p', { class: 'panel-note' }, note ?? '');
  const element = h('section', { class: `panel ${span} loading`, 'aria-labelledby': id },
    h('header', { class: 'panel-head' },
      h('div', {}, h('h2', { id }, title), remark),
      h('div', { class: 'panel-actions' }, ...actions)),
    message, body);
  /** @param {Node[]} [said] */
  const show = (said) => {
    element.classList.remove('loading');
    give(remark, 'data-problem', null);
    give(message, 'hidden', !said);
    give(body, 'hidden', Boolean(said));
    message.replaceChildren(...(said ?? []));
  };
  return {
    element,
    body,
    ready: () => show(),
    /** @param {string} text @param {Node} [action] */
    empty: (text, action) => show([h('p', {}, text), ...(action ? [action] : [])]),
    /** Before the first data the problem is all there is to show; later it is a remark on old data. @param {Error} error */
    failed: (error) => (element.classList.contains('loading') ? show([h('p', {}, error.message)]) : give(remark, 'data-problem', ` · not refreshed: ${error.message}`)),
    /** @param {string} text */
    note: (text) => say(remark, text),
  };
}

/** A figure that matters. @param {string} label @param {string} [tone] */
export function tile(label, tone = '') {
  const value = h('span', { class: 'tile-value' }, '–');
  const unit = h('span', { class: 'tile-unit' });
  const hint = h('p', { class: 'tile-hint' });
  const name = h('h2', { class: 'tile-label' }, label);
  const element = h('section', { class: `tile ${tone}` }, name, h('p', { class: 'tile-figure' }, value, ' ', unit), hint);
  return {
    element,
    /** @param {{value: string, unit: string} | null} figure @param {string} [below] @param {string} [title] */
    set(figure, below = '', title = '') {
      say(value, figure?.value ?? '–');
      say(unit, figure?.unit ?? '');
      say(hint, below);
      give(hint, 'title', title || null);
    },
    /** @param {string} text */
    label: (text) => say(name, text),
  };
}

/**
 * One of a few. @template {string} Key
 * @param {string} label @param {{key: Key, label: string, title?: string}[]} options @param {(key: Key) => void} choose
 */
export function segmented(label, options, choose) {
  const buttons = options.map(({ key, label: text, title }) =>
    h('button', { type: 'button', 'data-key': key, 'aria-pressed': 'false', title, onclick: () => choose(key) }, text));
  const element = h('div', { class: 'segmented', role: 'group', 'aria-label': label }, ...buttons);
  return {
    element,
    /** @param {string | null} key */
    set: (key) => buttons.forEach((button) => give(button, 'aria-pressed', String(button.dataset.key === key))),
  };
}

/** A bar of the whole: `filled` of 1. @param {string} tone */
export function meter(tone = '') {
  const fill = h('span', { class: `fill ${tone}` });
  const set = (/** @type {number} */ share) => widen(fill, share);
  return { element: h('span', { class: 'meter', 'aria-hidden': 'true' }, fill), set };
}

/** Rows of term and figure, reused from one showing to the next. @param {string} [kind] */
export function facts(kind = '') {
  const element = h('dl', { class: `facts ${kind}` });
  return {
    element,
    /** @param {{term: string, about?: string, value: string, tone?: string, title?: string, share?: number}[]} rows */
    set(rows) {
      while (element.children.length > rows.length) element.lastElementChild?.remove();
      rows.forEach((row, i) => fact(element, i).set(row));
    },
  };
}

/** @type {WeakMap<Element, {set: (row: any) => void}>} */
const setters = new WeakMap();

/** @param {HTMLElement} list @param {number} i */
function fact(list, i) {
  let row = list.children[i];
  if (!row) {
    const [term, about, value, bar] = [h('span'), h('small'), h('dd'), meter()];
    row = h('div', { class: 'fact' }, h('dt', {}, term, ' ', about), value);
    const made = row;
    setters.set(row, { set(data) {
      say(term, data.term);
      say(about, data.about ?? '');
      say(value, data.value);
      give(made, 'class', `fact ${data.tone ?? ''}`);
      give(made, 'title', data.title);
      if (data.share === undefined) bar.element.remove();
      else made.append(bar.element);
      bar.set(data.share ?? 0);
    } });
    list.append(row);
  }
  return /** @type {{set: (row: any) => void}} */ (setters.get(row));
}

/** @param {string} text @param {() => void} act @param {Record<string, any>} [props] @param {Parameters<typeof icon>[0]} [symbol] */
export function button(text, act, props = {}, symbol) {
  const element = h('button', { type: 'button', class: 'button', onclick: act, ...props });
  append(element, [symbol && icon(symbol), h('span', {}, text)]);
  return element;
}
