// @ts-check
// How much of the traffic has an owner, or a name: one sentence, a bar of how that is known, and the
// same in words and figures.

import { give, h, say, widen } from '../dom.js';
import { facts } from '../parts.js';
import { count, percent } from '../units.js';

/** @typedef {import('../../../shapes').Share} Share */

/**
 * @typedef {object} Kind
 * @property {string} have what the bytes have: `an owner`
 * @property {'owned_ratio' | 'named_ratio'} ratio
 * @property {'by_owner' | 'by_name'} bytes
 * @property {'owner_ratios' | 'name_ratios'} shares
 * @property {string} nobody the word of what has none
 * @property {readonly string[]} order best first
 * @property {(word: string) => string | undefined} about
 */

/** @param {Kind} kind */
export function attribution(kind) {
  const [figure, rest] = [h('b', {}), h('span')];
  const bar = h('span', { class: 'meter stack', 'aria-hidden': 'true' });
  const list = facts();
  const hint = h('p', { class: 'hint' });
  const element = h('div', { class: 'attribution' }, h('h3', { class: 'attribution-head' }, figure, rest), bar, list.element, hint);
  return {
    element,
    hint,
    /** @param {Partial<Share> | undefined} share @param {string} span `last hour` */
    set(share, span) {
      const ratio = share?.[kind.ratio];
      const known = typeof ratio === 'number';
      say(figure, known ? percent(ratio) : '–');
      say(rest, known ? ` of the ${span}’s bytes have ${kind.have}` : ` Nothing was counted in the ${span}`);
      const rows = parts(kind, share ?? {}, span);
      draw(bar, rows.filter((row) => row.known));
      list.set(rows);
    },
  };
}

/** One fill a part, in the order of the rows. @param {HTMLElement} bar @param {{share: number, title: string, term: string}[]} rows */
function draw(bar, rows) {
  while (bar.children.length > rows.length) bar.lastElementChild?.remove();
  rows.forEach((row, i) => {
    const fill = /** @type {HTMLElement} */ (bar.children[i] ?? bar.appendChild(h('span', { class: 'fill good' })));
    widen(fill, row.share);
    give(fill, 'title', `${row.term}: ${percent(row.share)}`);
  });
}

/** Best first, then what has none, then what can have none. @param {Kind} kind @param {Partial<Share>} share @param {string} span */
function parts(kind, share, span) {
  const [bytes, shares] = [share[kind.bytes] ?? {}, share[kind.shares] ?? {}];
  const place = (/** @type {string} */ word) => (kind.order.includes(word) ? kind.order.indexOf(word) : kind.order.length);
  const words = Object.keys(bytes).sort((a, b) => place(a) - place(b));
  const row = (/** @type {string} */ term, /** @type {string} */ about, /** @type {number} */ part, /** @type {number} */ n, known = false) => (
    { term, about, known, share: part, value: percent(part), title: `${count(n)} bytes in the ${span}` });
  const rows = words.map((word) => row(word, kind.about(word) ?? '', shares[word] ?? 0, bytes[word], word !== kind.nobody));
  const alone = share.unflowed_bytes ?? 0;
  if (alone) rows.push(row('in no connection', 'ARP, and what could not be decoded', alone / Math.max(1, share.counted_bytes ?? 0), alone));
  return rows;
}
