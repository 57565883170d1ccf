// @ts-check
// Who takes the most: sites, applications, protocols. What the list leaves out is its last row; of a
// list that is whole that is what belongs to no connection.

import { aboutSource, whole } from '../names.js';
import { panel } from '../parts.js';
import { pref } from '../prefs.js';
import { drawBar, drawName, table } from '../table.js';
import { count, joined, volume } from '../units.js';

/** @typedef {import('../../../shapes').Named & {rest?: boolean}} Row */

/** @param {{title: string, note: string, column: string, none: string, most: number}} options */
export function topCard({ title, note, column, none, most }) {
  const card = panel({ title, note });
  const bytes = (/** @type {number} */ value) => joined(volume(value, pref('volume')));
  const list = table({ caption: `${title}, ${note}`, order: 'Total', columns: /** @type {import('../table.js').Column<Row>[]} */ ([
    { label: column, kind: 'name', sort: (row) => row.shown ?? row.name, draw: (cell, row, rows) => {
      drawName(cell, row.shown ?? row.name, { title: whole(row), tag: row.source === 'address' ? undefined : row.source, about: aboutSource(row.source) });
      drawBar(cell, row, Math.max(1, ...rows.map(total)));
    } },
    { label: 'In', kind: 'number minor', sort: (row) => row.bytes_in, text: (row) => bytes(row.bytes_in), title: (row) => `${count(row.bytes_in)} bytes` },
    { label: 'Out', kind: 'number minor', sort: (row) => row.bytes_out, text: (row) => bytes(row.bytes_out), title: (row) => `${count(row.bytes_out)} bytes` },
    { label: 'Total', kind: 'number', sort: total, text: (row) => bytes(total(row)), title: (row) => `${count(total(row))} bytes` },
  ]) });
  card.body.append(list.element);
  return {
    ...card,
    /** @param {import('../../../shapes').Top} top */
    set(top) {
      const other = /** @type {Row} */ ({ name: top.items.length < most ? 'in no connection' : 'everything else', bytes_in: 0, bytes_out: 0, ...top.other, rest: true });
      if (!top.items.length && !total(other)) return card.empty(none);
      card.ready();
      list.set(top.items, total(other) ? [other] : []);
    },
  };
}

/** @param {{bytes_in: number, bytes_out: number}} row */
const total = (row) => row.bytes_in + row.bytes_out;
