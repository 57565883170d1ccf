// @ts-check
// The four figures on top: rates now, volume of the range, connections.

import { h } from '../dom.js';
import { tile } from '../parts.js';
import { pref } from '../prefs.js';
import { mean, peak } from '../series.js';
import { brief, count, joined, rate, volume } from '../units.js';

export function totalsCard() {
  const [into, out, total, flows] = [tile('In now', 'in'), tile('Out now', 'out'), tile('Volume'), tile('Connections')];
  const element = h('div', { class: 'tiles' }, ...[into, out, total, flows].map((one) => one.element));
  const show = (/** @type {number} */ value) => rate(value, pref('rate'));
  return {
    element,
    /** @param {(number | null)[] | null} now in and out; `null` where it is not known @param {import('../../../shapes').Series} series @param {boolean} past */
    rates(now, series, past) {
      [into, out].forEach((one, i) => {
        const values = i ? series.out : series.in;
        const value = past ? mean(values) : (now?.[i] ?? null);
        one.label(`${i ? 'Out' : 'In'}${past ? ', mean' : ' now'}`);
        one.set(value === null ? null : show(value), `peak ${joined(show(peak(values)))}`, series.step > 1 ? `the highest mean of ${series.step} s in this range` : 'the highest second in this range');
      });
    },
    /** @param {import('../../../shapes').Stats} stats */
    volume(stats) {
      const figure = (/** @type {number} */ bytes) => joined(volume(bytes, pref('volume')));
      total.set(volume(stats.bytes_in + stats.bytes_out, pref('volume')), `${figure(stats.bytes_in)} in, ${figure(stats.bytes_out)} out`,
        `${count(stats.bytes_in)} bytes in ${count(stats.packets_in)} frames, ${count(stats.bytes_out)} bytes in ${count(stats.packets_out)} frames out. Frames as the capture point sees them: offload joins several into one.`);
    },
    /** @param {number | null} live @param {number} opened */
    flows: (live, opened) => flows.set(live === null ? null : { value: brief(live), unit: 'live' }, `${count(opened)} opened in this range`),
  };
}
