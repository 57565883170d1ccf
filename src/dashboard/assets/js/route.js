// @ts-check
// What is shown lives in the URL's fragment: `#/overview?range=1h&interface=eth0`. The back
// button goes back; a copied address shows the same (but never holds the token).

import * as range from './range.js';

/** @typedef {import('../../shapes').View} View */

export const PAGES = ['overview', 'history', 'performance'];
/** What else an address may hold: which period, any second in it, when a billing cycle begins, what is looked at. */
const PAST = /** @type {const} */ (['period', 'at', 'cycle_day', 'look']);
const listeners = new Set();

/** @returns {View} */
export function view() {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const params = new URLSearchParams(query);
  return {
    page: PAGES.includes(path) ? path : PAGES[0],
    range: range.parse(params),
    interfaces: params.getAll('interface'),
    past: Object.fromEntries(PAST.map((name) => [name, params.get(name)]).filter(([, value]) => value !== null)),
  };
}

/** The address of the view with some of it changed. @param {Partial<View>} change */
export function address(change) {
  const next = { ...view(), ...change };
  const params = new URLSearchParams(range.format(next.range));
  for (const name of next.interfaces) params.append('interface', name);
  for (const name of PAST) if (next.past[name]) params.set(name, next.past[name]);
  return `#/${next.page}?${params}`;
}

/** @param {Partial<View>} change */
export function go(change) {
  const next = address(change);
  if (next === location.hash) return;
  history.pushState(null, '', next);
  tell();
}

/** @param {() => void} listener */
export const onRoute = (listener) => void listeners.add(listener);

export const tell = () => listeners.forEach((listener) => listener());

addEventListener('popstate', tell);
