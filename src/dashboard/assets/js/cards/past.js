// @ts-check
// A period over time. A click on a point, or on its line in the table, asks what happened there.

import { chart, decimal } from '../chart.js';
import { h } from '../dom.js';
import { panel } from '../parts.js';
import { pref } from '../prefs.js';
import { mean, peak } from '../series.js';
import { full, iso } from '../times.js';
import { joined, rate, span } from '../units.js';

const ROWS = 62;

/** @param {(at: number) => void} onPick */
export function pastCard(onPick) {
  const show = (/** @type {number} */ value) => joined(rate(value, pref('rate')));
  const plot = chart({
    lines: [{ label: 'In', tone: 'in' }, { label: 'Out', tone: 'out', below: true }],
    height: 300, label: 'Traffic', show, least: 1000, onPick,
    round: () => decimal(pref('rate') === 'bit' ? 8 : 1),
  });
  const item = (/** @type {string} */ tone, /** @type {string} */ text) => h('li', {}, h('i', { class: `swatch ${tone}` }), text);
  const card = panel({ title: 'Traffic', note: ' ', actions: [h('ul', { class: 'legend' }, item('in', 'In'), item('out', 'Out'), item('gap', 'Not watched'))] });
  const rows = h('tbody');
  const list = h('details', { class: 'as-table' }, h('summary', {}, 'Show as a table'),
    h('div', { class: 'scroll short', tabindex: '0', role: 'region', 'aria-label': 'Traffic of the period as a table' }, h('table', {}, h('caption', { class: 'unseen' }, 'Traffic of the period'),
      h('thead', {}, h('tr', {}, ...['Time', 'In', 'Out'].map((name, i) => h('th', { scope: 'col', class: i ? 'number' : null }, name)))), rows)));
  card.body.append(plot.element, list);
  /** @type {import('../../../shapes').Series | null} */
  let shown = null;
  const write = () => shown && list.open && rows.replaceChildren(...lines(shown, show, onPick));
  list.addEventListener('toggle', write);
  return {
    ...card,
    redraw: plot.build,
    stop: plot.stop,
    /** @param {import('../../../shapes').Series} series @param {{from: number, to: number}} frame @param {string} when @param {string} missing */
    set(series, frame, when, missing) {
      shown = series;
      card.ready();
      card.note(`means of ${span(series.step)} · click on a point to see what happened then${missing}`);
      const part = (/** @type {string} */ name, /** @type {(number | null)[]} */ values) => `${name}: mean ${show(mean(values) ?? 0)}, peak ${show(peak(values))}`;
      plot.set([series.at, series.in, series.out.map((value) => value && -value)], { ...series, ...frame }, `Traffic, ${when}. ${part('In', series.in)}. ${part('Out', series.out)}.`);
      write();
    },
  };
}

/** In the order of time, in at most 62 lines. @param {import('../../../shapes').Series} series @param {(value: number) => string} show @param {(at: number) => void} onPick */
function lines(series, show, onPick) {
  const every = Math.ceil(series.at.length / ROWS);
  const starts = series.at.map((_, i) => i).filter((i) => i % every === 0 && series.at[i] <= series.known);
  return starts.map((i) => {
    const cell = (/** @type {(number | null)[]} */ values) => {
      const middle = mean(values.slice(i, i + every));
      return h('td', { class: 'number' }, middle === null ? 'not watched' : show(middle));
    };
    const at = series.at[i];
    const pick = h('button', { type: 'button', class: 'link', title: iso(at), onclick: () => onPick(at) }, full(at, pref('zone')));
    return h('tr', {}, h('th', { scope: 'row' }, pick), cell(series.in), cell(series.out));
  });
}
