// @ts-check
// The named traffic classes. A flow may be in several, so shares need not add up to one.

import { panel } from '../parts.js';
import { pref } from '../prefs.js';
import { drawBar, drawName, table } from '../table.js';
import { count, joined, volume } from '../units.js';

/** @typedef {import('../../../shapes').TrafficClass} Row */

export function classesCard() {
  const card = panel({ title: 'Classes', note: 'named filters; a connection can be in several' });
  const total = (/** @type {Row} */ row) => row.bytes_in + row.bytes_out;
  const list = table({ caption: 'Traffic by class', order: 'Total', columns: /** @type {import('../table.js').Column<Row>[]} */ ([
    { label: 'Class', kind: 'name', sort: (row) => row.name, title: (row) => row.expression ?? 'in no class', draw: (cell, row, rows) => {
      drawName(cell, row.name);
      drawBar(cell, row, Math.max(1, ...rows.map(total)));
    } },
    { label: 'In', kind: 'number minor', sort: (row) => row.bytes_in, text: (row) => joined(volume(row.bytes_in, pref('volume'))), title: (row) => `${count(row.bytes_in)} bytes` },
    { label: 'Out', kind: 'number minor', sort: (row) => row.bytes_out, text: (row) => joined(volume(row.bytes_out, pref('volume'))), title: (row) => `${count(row.bytes_out)} bytes` },
    { label: 'Total', kind: 'number', sort: total, text: (row) => joined(volume(total(row), pref('volume'))), title: (row) => `${count(row.bytes_in)} bytes in, ${count(row.bytes_out)} out` },
  ]) });
  card.body.append(list.element);
  return {
    ...card,
    /** @param {Row[]} items */
    set(items) {
      if (!items.length) return card.empty('No class is configured.');
      card.ready();
      list.set(items.filter((row) => row.name !== 'none'), items.filter((row) => row.name === 'none'));
    },
  };
}
