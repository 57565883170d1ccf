// @ts-check
// Where frames wait and where they are lost: the rings' depth, and drops by kind since the start.

import { h } from '../dom.js';
import { meter, panel } from '../parts.js';
import { drawName, table } from '../table.js';
import { count, percent, span } from '../units.js';

/** @typedef {import('../../../shapes').Interface} Interface */
/** @typedef {import('../../../shapes').Status['rings'][number]} Ring */

export function ringsCard() {
  const card = panel({ title: 'Rings', note: 'batches that wait for a worker', span: 'w6' });
  const list = table({ caption: 'Rings', columns: /** @type {import('../table.js').Column<Ring>[]} */ ([
    { label: 'Worker', text: (row) => String(row.worker) },
    { label: 'Depth', kind: 'bar', draw: (cell, row) => fill(cell, row.depth / row.capacity) },
    { label: 'Batches', kind: 'number', text: (row) => `${count(row.depth)} of ${count(row.capacity)}` },
    { label: 'Dropped frames', kind: 'number', text: (row) => count(row.dropped_packets) },
  ]) });
  card.body.append(list.element);
  return {
    ...card,
    /** @param {Ring[]} rings */
    set(rings) {
      card.ready();
      list.set(rings);
    },
  };
}

/** @type {WeakMap<Element, (share: number) => void>} */
const meters = new WeakMap();

/** @param {HTMLTableCellElement} cell @param {number} share */
function fill(cell, share) {
  if (!cell.firstChild) {
    const bar = meter('accent');
    meters.set(cell, bar.set);
    cell.append(bar.element);
  }
  meters.get(cell)?.(share);
  cell.title = percent(share);
}

export function dropsCard() {
  const card = panel({ title: 'Drops', note: 'frames since the start, by where they were lost', span: 'w6' });
  const list = table({ caption: 'Drops by interface', columns: /** @type {import('../table.js').Column<Interface>[]} */ ([
    { label: 'Interface', kind: 'label', draw: (cell, row) => drawName(cell, row.name) },
    { label: 'Kernel', kind: 'number', text: (row) => count(row.loss.kernel_packets), title: () => 'the capture ring was full' },
    { label: 'Interface', kind: 'number', text: (row) => count(row.loss.interface_packets), title: () => 'the device or its driver gave up frames' },
    { label: 'Ring', kind: 'number', text: (row) => count(row.loss.ring_packets), title: () => 'the workers fell behind' },
    { label: 'Not watched', kind: 'number', text: (row) => (row.loss.gap_ms ? span(row.loss.gap_ms / 1000) : '0') },
  ]) });
  card.body.append(list.element, h('p', { class: 'hint' }, 'A drop is counted where it happens; none is estimated.'));
  return {
    ...card,
    /** @param {Interface[]} items */
    set(items) {
      if (!items.length) return card.empty('No interface is watched.');
      card.ready();
      list.set(items.filter((row) => row.watched || Object.values(row.loss).some(Boolean)));
    },
  };
}
