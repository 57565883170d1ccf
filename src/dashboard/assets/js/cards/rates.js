// @ts-check
// Traffic over time: in upwards, out downwards. Dragging asks for a range.

import { chart, decimal } from '../chart.js';
import { h, say } from '../dom.js';
import { panel } from '../parts.js';
import { pref } from '../prefs.js';
import { mean, peak } from '../series.js';
import { full, iso } from '../times.js';
import { joined, rate, span } from '../units.js';

/** @typedef {import('../../../shapes').Series} Series */

const ROWS = 60;

/** @param {(from: number, to: number) => void} onRange @param {Node[]} actions */
export function ratesCard(onRange, actions) {
  const show = (/** @type {number} */ value) => joined(rate(value, pref('rate')));
  const plot = chart({
    lines: [{ label: 'In', tone: 'in' }, { label: 'Out', tone: 'out', below: true }],
    height: 320, label: 'Traffic', show, onRange, least: 1000,
    round: () => decimal(pref('rate') === 'bit' ? 8 : 1),
  });
  const card = panel({ title: 'Traffic', note: ' ', actions: [legend(), ...actions] });
  const rows = h('tbody');
  const list = h('details', { class: 'as-table' }, h('summary', {}, 'Show as a table'), asTable(rows));
  card.body.append(plot.element, list);
  /** @type {Series | null} */
  let shown = null;
  list.addEventListener('toggle', () => shown && list.open && write(rows, shown));
  return {
    ...card,
    redraw: plot.build,
    stop: plot.stop,
    /** @param {Series} series @param {{from: number, to: number}} frame @param {string} when */
    set(series, frame, when) {
      shown = series;
      card.ready();
      card.note(`${when} · ${series.step === 1 ? 'each second' : `means of ${span(series.step)}`}`);
      plot.set([series.at, series.in, series.out.map((value) => value && -value)], { ...series, ...frame }, summary(series, when, show));
      if (list.open) write(rows, series);
    },
  };
}

/** @param {Series} series @param {string} when @param {(value: number) => string} show */
function summary(series, when, show) {
  const part = (/** @type {string} */ name, /** @type {(number | null)[]} */ values) =>
    `${name}: mean ${show(mean(values) ?? 0)}, peak ${show(peak(values))}`;
  return `Traffic, ${when}. ${part('In', series.in)}. ${part('Out', series.out)}.`;
}

function legend() {
  const item = (/** @type {string} */ tone, /** @type {string} */ text, title = '') => h('li', { title: title || null }, h('i', { class: `swatch ${tone}` }), text);
  return h('ul', { class: 'legend' },
    item('in', 'In'), item('out', 'Out'),
    item('soft', 'Provisional', 'Counted, but not yet safe from a crash'),
    item('gap', 'Not watched', 'Nothing was captured then: unknown, which is not zero'));
}

/** @param {HTMLElement} rows */
function asTable(rows) {
  return h('div', { class: 'scroll short', tabindex: '0', role: 'region', 'aria-label': 'Traffic as a table' },
    h('table', {}, h('caption', { class: 'unseen' }, 'Traffic, newest first'),
      h('thead', {}, h('tr', {}, ...['Time', 'In', 'Out'].map((name, i) => h('th', { scope: 'col', class: i ? 'number' : null }, name)))), rows));
}

/** The newest first, in at most 60 rows. @param {HTMLElement} rows @param {Series} series */
function write(rows, series) {
  const every = Math.ceil(series.at.length / ROWS);
  const picked = series.at.map((_, i) => i).filter((i) => i % every === 0 && series.at[i] <= series.known).reverse();
  rows.replaceChildren(...picked.map((i) => {
    const cell = (/** @type {(number | null)[]} */ values) => {
      const middle = mean(values.slice(i, i + every));
      const made = h('td', { class: 'number' });
      say(made, middle === null ? 'not watched' : joined(rate(middle, pref('rate'))));
      return made;
    };
    return h('tr', {}, h('th', { scope: 'row', title: iso(series.at[i]) }, full(series.at[i], pref('zone'))), cell(series.in), cell(series.out));
  }));
}
