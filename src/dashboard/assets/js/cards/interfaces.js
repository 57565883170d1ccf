// @ts-check
// The interfaces: what they are for, what they carry now, what they lost. Choosing one filters
// the page.

import { give, h, say } from '../dom.js';
import { panel } from '../parts.js';
import { pref } from '../prefs.js';
import { drawName, table } from '../table.js';
import { clean, count, joined, rate, volume } from '../units.js';

/** @typedef {import('../../../shapes').Interface} Row */

/** @param {(name: string) => void} choose */
export function interfacesCard(choose) {
  const card = panel({ title: 'Interfaces', note: ' ' });
  /** @type {Map<string, [number, number]>} */
  const now = new Map();
  /** @type {Row[]} */
  let held = [];
  const live = (/** @type {Row} */ row, /** @type {0 | 1} */ way) => (now.has(row.name) ? joined(rate(now.get(row.name)?.[way] ?? 0, pref('rate'))) : '–');
  const bytes = (/** @type {Row} */ row, /** @type {number} */ n) => (seen(row) ? joined(volume(n, pref('volume'))) : '–');
  const list = table({ caption: 'Interfaces', columns: /** @type {import('../table.js').Column<Row>[]} */ ([
    { label: 'Interface', kind: 'label', sort: (row) => row.name, draw: (cell, row) => pick(cell, row, choose) },
    { label: 'Role', text: (row) => row.role, title: (row) => `${row.carrier ? `carried by ${clean(row.carrier)}; ` : ''}${row.counted_in_total ? 'counted in the totals' : 'recorded, but not in the totals'}` },
    { label: 'State', kind: 'state', draw: (cell, row) => state(cell, row) },
    { label: 'In now', kind: 'number', text: (row) => live(row, 0) },
    { label: 'Out now', kind: 'number', text: (row) => live(row, 1) },
    { label: 'In', kind: 'number minor', sort: (row) => row.bytes_in, text: (row) => bytes(row, row.bytes_in), title: (row) => `${count(row.bytes_in)} bytes since the start` },
    { label: 'Out', kind: 'number minor', sort: (row) => row.bytes_out, text: (row) => bytes(row, row.bytes_out), title: (row) => `${count(row.bytes_out)} bytes since the start` },
    { label: 'Lost frames', kind: 'number minor', text: (row) => (seen(row) ? count(lost(row)) : '–') },
    { label: 'Addresses', kind: 'label minor', draw: (cell, row) => drawName(cell, row.addresses[0] ?? '–', { tag: row.addresses.length > 1 ? `+${row.addresses.length - 1}` : undefined, about: row.addresses.join(', ') }) },
  ]) });
  card.body.append(list.element);
  const draw = () => list.set(held.filter(seen), held.filter((row) => !seen(row)));
  return {
    ...card,
    /** @param {Row[]} items */
    set(items) {
      held = relevant(items);
      if (!items.length) return card.empty('No interface is watched.');
      card.ready();
      card.note(`totals count ${counted(items)}; choose one to look at it alone`);
      draw();
    },
    /** @param {import('../../../shapes').Second} second */
    second(second) {
      now.clear();
      for (const one of second.interfaces) now.set(one.name, [one.bytes_in / (second.width_s || 1), one.bytes_out / (second.width_s || 1)]);
      if (held.length) draw();
    },
  };
}

/** Watched now, or for a while of this run: else there are no figures, which is not zero. @param {Row} row */
const seen = (row) => row.watched || row.packets_in + row.packets_out > 0;

/** While a file is played, the interfaces of the machine say nothing. @param {Row[]} items */
const relevant = (items) => (items.some((row) => row.role === 'file') ? items.filter(seen) : items);

/** @param {Row[]} items */
function counted(items) {
  const names = items.filter((row) => row.counted_in_total).map((row) => clean(row.name));
  return names.length > 3 ? `${names.length} interfaces` : names.join(', ') || 'none of them now';
}

/** @param {Row} row */
const lost = ({ loss }) => loss.kernel_packets + loss.interface_packets + loss.ring_packets;

/** @param {HTMLTableCellElement} cell @param {Row} row @param {(name: string) => void} choose */
function pick(cell, row, choose) {
  if (cell.dataset.name === row.name) return;
  cell.dataset.name = row.name;
  cell.replaceChildren(h('button', { type: 'button', class: 'link', title: `Show only ${clean(row.name)}`, onclick: () => choose(row.name) }, h('bdi', {}, clean(row.name))));
}

/** @param {HTMLTableCellElement} cell @param {Row} row */
function state(cell, row) {
  const [tone, text] = row.problem ? ['bad', row.problem] : !row.up ? ['off', 'down'] : row.watched ? ['good', 'watched'] : ['off', 'not watched'];
  if (!cell.firstChild) cell.append(h('span', { class: 'state-dot' }));
  const dot = /** @type {Element} */ (cell.firstChild);
  give(dot, 'class', `state-dot ${tone}`);
  say(dot, clean(text));
  give(dot, 'title', row.problem ?? (row.filter ? `filter: ${row.filter}` : row.snaplen ? `${row.link}, ${row.snaplen} bytes a frame` : null));
}
