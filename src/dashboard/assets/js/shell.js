// @ts-check
// The frame around every page: navigation, range, filters, badges, banners and the stream's state.

import { give, h, icon, say } from './dom.js';
import { helpDialog, settingsDialog } from './dialogs.js';
import { age, live, retry } from './live.js';
import { button } from './parts.js';
import { picker } from './picker.js';
import { prefer, shownTheme } from './prefs.js';
import { address, go, view } from './route.js';
import { keep } from './session.js';
import { clean, span } from './units.js';

/**
 * What a page may ask of the shell.
 * @typedef {object} Context
 * @property {() => import('../../shapes').View} view
 * @property {() => import('../../shapes').Bounds} bounds
 * @property {() => number} now
 * @property {(change: Partial<import('../../shapes').View>) => void} go
 * @property {(text: string) => void} partial
 * @property {(filter: string | null) => void} filtered
 */

/**
 * A page: built once, shown with each change of the route, fed each second.
 * @typedef {object} Page
 * @property {HTMLElement} element
 * @property {string} title
 * @property {boolean} ranged it obeys the time range and the filters
 * @property {boolean} [narrowed] it obeys the filters, and has a range of its own
 * @property {() => void} show the route changed
 * @property {(second: import('../../shapes').Second) => void} second
 * @property {() => void} aged a second went by without news
 * @property {() => void} reconnected the stream is back after a break
 * @property {() => void} redraw units, zone or theme changed
 * @property {() => void} stop
 */

const NAV = /** @type {const} */ ([['overview', 'Overview', 'g o'], ['history', 'History', 'g h'], ['performance', 'Performance', 'g p']]);
/** Without a second for this long, the page says that it is old. */
const STALE_S = 8;

/** @param {{pause: () => void, signIn: () => void}} acts */
export function shell(acts) {
  const [help, settings] = [helpDialog(), settingsDialog()];
  const links = NAV.map(([page, label, keys]) => h('a', { class: 'nav-link', href: `#/${page}`, 'data-page': page, title: keys }, icon(page), h('span', {}, label)));
  const status = h('p', { class: 'status' }, h('span', { class: 'dot' }), h('span', {}));
  const range = picker((next) => go({ range: next }));
  const pauseText = h('span', {}, 'Pause');
  const pause = h('button', { type: 'button', class: 'button', 'aria-pressed': 'false', onclick: acts.pause, title: 'Space' }, icon('pause'), icon('play'), pauseText);
  const [title, chips, badges] = [h('h1'), h('div', { class: 'chips' }), h('div', { class: 'badges' })];
  const banner = h('div', { class: 'banner', role: 'status', hidden: true });
  const main = h('main', { id: 'main', tabindex: '-1' });
  const head = h('header', { class: 'page-head' }, h('div', { class: 'page-title' }, title, badges, chips), h('div', { class: 'page-tools' }, range.element, pause));
  const tools = [tool('theme', 'Light or dark', toggleTheme), tool('settings', 'Display', () => settings.showModal()), tool('help', 'Keys', () => help.showModal())];
  const side = h('header', { class: 'side' },
    h('a', { class: 'brand', href: '#/overview', 'aria-label': 'netmonitor' }, mark(), h('span', {}, 'netmonitor')),
    h('nav', { 'aria-label': 'Pages' }, ...links), h('div', { class: 'side-end' }, status, h('div', { class: 'tools' }, ...tools)));
  document.body.replaceChildren(h('a', { class: 'skip', href: '#main', onclick: (/** @type {Event} */ event) => { event.preventDefault(); main.focus(); } }, 'Skip to the content'),
    side, h('div', { class: 'content' }, head, banner, main), help, settings);
  return {
    main, help,
    /** @param {{title: string, ranged: boolean, narrowed?: boolean}} page @param {number} now */
    route(page, now) {
      document.title = `${page.title} · netmonitor`;
      say(title, page.title);
      for (const link of links) {
        give(link, 'aria-current', link.dataset.page === view().page && 'page');
        give(link, 'href', address({ page: link.dataset.page }));
      }
      range.element.hidden = !page.ranged;
      range.set(view().range, now);
      chips.replaceChildren(...(page.ranged || page.narrowed ? view().interfaces.map(chip) : []));
      badges.replaceChildren();
    },
    /** @param {string} key @param {string} text @param {string} [about] */
    badge(key, text, about) {
      badges.querySelector(`[data-key=${key}]`)?.remove();
      if (text) badges.append(h('span', { class: 'badge', 'data-key': key, title: about }, icon('warn'), clean(text)));
    },
    /** @param {boolean} paused @param {number} now @param {boolean} signedIn */
    pulse(paused, now, signedIn) {
      give(pause, 'aria-pressed', String(paused));
      say(pauseText, paused ? 'Go on' : 'Pause');
      document.body.classList.toggle('signed-out', !signedIn);
      const [tone, text] = state(paused, now);
      give(status, 'class', `status ${tone}`);
      say(/** @type {Node} */ (status.lastChild), text);
      warn(banner, paused, now, signedIn);
    },
    unauthorised: () => main.replaceChildren(signIn(acts.signIn)),
  };
}

export const toggleTheme = () => prefer('theme', shownTheme() === 'dark' ? 'light' : 'dark');

/** @param {boolean} paused @param {number} now @returns {[string, string]} */
function state(paused, now) {
  if (live.phase === 'down') return ['bad', 'No answer'];
  if (paused) return ['off', 'Paused'];
  if (live.phase !== 'open' || !live.last) return ['off', 'Connecting'];
  return age(now) > STALE_S ? ['bad', `${span(age(now))} old`] : ['good', 'Live'];
}

/** The banner over data that is no longer fresh. @param {HTMLElement} banner @param {boolean} paused @param {number} now @param {boolean} signedIn */
function warn(banner, paused, now, signedIn) {
  const silent = live.phase === 'open' && live.last !== null && age(now) > STALE_S;
  const down = live.phase === 'down';
  const shown = signedIn && !paused && (down || silent);
  banner.hidden = !shown;
  if (!shown) return banner.replaceChildren();
  if (!banner.firstChild) banner.append(icon('warn'), h('p', {}, h('b'), ' ', h('span', { 'aria-live': 'off' })), button('Try now', retry));
  const [what, rest] = /** @type {Element} */ (banner.querySelector('p')).children;
  say(what, down ? 'The service does not answer.' : 'The service sends no new seconds.');
  const old = live.last ? `What you see is ${span(age(now))} old.` : 'There is nothing to show yet.';
  say(rest, down ? `${old} Next try in ${span((live.retryAt - Date.now()) / 1000)}.` : old);
  /** @type {HTMLElement} */ (banner.querySelector('button')).hidden = !down;
}

/** @param {string} name */
function chip(name) {
  const rest = view().interfaces.filter((one) => one !== name);
  return h('button', { type: 'button', class: 'chip', 'aria-label': `Remove the filter ${clean(name)}`, onclick: () => go({ interfaces: rest }) }, h('bdi', {}, clean(name)), icon('close'));
}

/** @param {Parameters<typeof icon>[0]} symbol @param {string} label @param {() => void} act */
const tool = (symbol, label, act) => h('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label, onclick: act }, icon(symbol));

const mark = () => h('img', { src: '/dashboard/favicon.svg', alt: '', width: '26', height: '26' });

/** What to do without a token. @param {() => void} act */
function signIn(act) {
  const field = h('input', { type: 'password', 'aria-label': 'Token', placeholder: 'or paste a token here', autocomplete: 'off', spellcheck: 'false' });
  const enter = () => {
    if (!field.value.trim()) return field.focus();
    keep(field.value);
    act();
  };
  field.addEventListener('keydown', (event) => event.key === 'Enter' && enter());
  return h('section', { class: 'sign-in', 'aria-labelledby': 'sign-in' }, icon('lock'),
    h('h2', { id: 'sign-in' }, 'This page needs the access token'),
    h('p', {}, 'Other users of this machine can reach this address too, so the figures are shown only to those who may read the token. In a terminal, run:'),
    h('pre', {}, h('code', {}, 'netmonitor open')),
    h('p', {}, 'and follow the address that it prints. ', h('code', {}, 'netmonitor token'), ' prints the token alone.'),
    h('div', { class: 'field' }, field, button('Sign in', enter, { class: 'button primary' })));
}
