// @ts-check
// The week by its hours: a table whose cells are shaded, each with its figure for whoever asks.

import { give, h } from '../dom.js';
import { panel } from '../parts.js';
import { shade, weekdays } from '../past.js';
import { pref } from '../prefs.js';
import { dated, instant } from '../times.js';
import { joined, rate } from '../units.js';

/** @typedef {import('../../../shapes').HeatCell} Cell */

const SHADES = 6;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

export function heatmapCard() {
  const card = panel({ title: 'Hours of the week', note: ' ', actions: [legend()] });
  const cells = weekdays.map(() => HOURS.map(() => h('td', { class: 'heat' }, h('span', { class: 'unseen' }))));
  const rows = weekdays.map((name, day) => h('tr', {}, h('th', { scope: 'row' }, name), ...cells[day]));
  const heads = HOURS.filter((hour) => hour % 3 === 0).map((hour) => h('th', { scope: 'colgroup', colspan: '3' }, String(hour).padStart(2, '0')));
  card.body.append(h('div', { class: 'heatmap' }, h('table', {},
    h('caption', { class: 'unseen' }, 'Mean rate at each hour of the week'),
    h('thead', {}, h('tr', {}, h('td', {}), ...heads)), h('tbody', {}, ...rows))));
  return {
    ...card,
    /** @param {import('../../../shapes').Heatmap} map */
    set(map) {
      if (map.cells.every((cell) => cell.hours === 0)) return card.empty('No hour of this time was watched.');
      card.ready();
      const span = [instant(map.from) ?? 0, (instant(map.to) ?? 1) - 1].map((at) => dated(at, pref('zone')));
      card.note(`means over the time that was watched · ${span[0]} – ${span[1]} · ${map.zone}`);
      const most = Math.max(...map.cells.map(total));
      for (const cell of map.cells) draw(cells[cell.weekday - 1][cell.hour], cell, most);
    },
  };
}

/** @param {Cell} cell */
const total = (cell) => (cell.bytes_in_per_s ?? 0) + (cell.bytes_out_per_s ?? 0);

/** @param {HTMLElement} shown @param {Cell} cell @param {number} most */
function draw(shown, cell, most) {
  const show = (/** @type {number | null} */ value) => joined(rate(value ?? 0, pref('rate')));
  const when = `${weekdays[cell.weekday - 1]} ${String(cell.hour).padStart(2, '0')}:00`;
  const text = cell.hours ? `${show(cell.bytes_in_per_s)} in, ${show(cell.bytes_out_per_s)} out, mean of ${cell.hours} ${cell.hours === 1 ? 'hour' : 'hours'}` : 'not watched';
  give(shown, 'class', `heat ${cell.hours ? `s${shade(total(cell), most, SHADES)}` : 'none'}`);
  give(shown, 'title', `${when}: ${text}`);
  shown.firstElementChild?.replaceChildren(text);
}

function legend() {
  const shades = Array.from({ length: SHADES }, (_, i) => h('i', { class: `swatch heat s${i + 1}` }));
  return h('ul', { class: 'legend' }, h('li', {}, 'less', h('span', { class: 'shades' }, ...shades), 'more'), h('li', {}, h('i', { class: 'swatch gap' }), 'Not watched'));
}
