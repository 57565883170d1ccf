// @ts-check
// Periods side by side: each with how it compares with the one before.

import { give, h, say } from '../dom.js';
import { panel } from '../parts.js';
import { called, changed } from '../past.js';
import { pref } from '../prefs.js';
import { drawBar, table } from '../table.js';
import { instant, minute } from '../times.js';
import { count, joined, span, volume } from '../units.js';

/** @typedef {import('../../../shapes').Period} Period */

/** @param {(at: number) => void} choose */
export function periodsCard(choose) {
  const card = panel({ title: 'Compared', note: 'each with the one before' });
  const bytes = (/** @type {number} */ value) => joined(volume(value, pref('volume')));
  let cycle = 'day';
  const list = table({ caption: 'Periods, the latest first', columns: /** @type {import('../table.js').Column<Period>[]} */ ([
    { label: 'Period', kind: 'name', draw: (cell, row, rows) => drawPeriod(cell, row, rows, cycle, choose) },
    { label: 'In', kind: 'number minor', text: (row) => (row.counts ? bytes(row.counts.bytes_in) : '') },
    { label: 'Out', kind: 'number minor', text: (row) => (row.counts ? bytes(row.counts.bytes_out) : '') },
    { label: 'Total', kind: 'number', text: (row) => (row.counts ? bytes(total(row)) : 'not watched'), title: (row) => (row.counts ? `${count(total(row))} bytes` : undefined) },
    { label: 'Change', kind: 'number', text: (row) => changed(row.compared?.change), title: about },
  ]) });
  card.body.append(list.element);
  return {
    ...card,
    /** @param {import('../../../shapes').Periods} periods */
    set(periods) {
      cycle = periods.cycle;
      const known = periods.items.filter((item) => item.counts || item.over);
      const first = known.findIndex((item) => item.counts);
      if (first < 0) return card.empty('Nothing was watched then, or before.');
      card.ready();
      list.set(known.slice(first).reverse());
    },
  };
}

/** @param {Period} row */
const total = (row) => (row.counts ? row.counts.bytes_in + row.counts.bytes_out : 0);

/** @param {Period} row */
function about(row) {
  if (!row.compared) return undefined;
  const [before, now] = [row.compared.before, row.compared.counts].map((one) => joined(volume(one.bytes_in + one.bytes_out, pref('volume'))));
  const gaps = row.compared.gap_ms + row.compared.before_gap_ms;
  return `${now}, before ${before}${row.over ? '' : ', as far as it has come'}${gaps ? ` · not watched: ${span(gaps / 1000)}` : ''}`;
}

/** @param {HTMLTableCellElement} cell @param {Period} row @param {Period[]} rows @param {string} cycle @param {(at: number) => void} choose */
function drawPeriod(cell, row, rows, cycle, choose) {
  const from = instant(row.from) ?? 0;
  if (cell.dataset.from !== row.from + cycle) {
    cell.dataset.from = row.from + cycle;
    const pick = h('button', { type: 'button', class: 'link', onclick: () => choose(from) });
    cell.replaceChildren(pick);
  }
  say(/** @type {Node} */ (cell.firstChild), called(cycle, row, (at) => minute(at, pref('zone'))));
  give(cell, 'title', row.gap_ms ? `not watched: ${span(row.gap_ms / 1000)}` : null);
  drawBar(cell, row.counts ?? { bytes_in: 0, bytes_out: 0 }, Math.max(1, ...rows.map(total)));
}
