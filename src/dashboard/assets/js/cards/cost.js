// @ts-check
// One figure of netmonitor itself over the last five minutes, as far as this page saw them.

import { chart } from '../chart.js';
import { panel } from '../parts.js';

const LEAST_S = 60;
const MOST_S = 300;

/**
 * @param {{title: string, note: string, show: (value: number) => string, round: () => (rough: number) => number, least: number}} options
 */
export function costCard({ title, note, show, round, least }) {
  const plot = chart({ lines: [{ label: title, tone: 'accent' }], height: 168, label: title, show, round, least, group: 'cost' });
  const card = panel({ title, note, span: 'w6' });
  card.body.append(plot.element);
  return {
    ...card,
    redraw: plot.build,
    stop: plot.stop,
    /** @param {Map<number, number>} points by second @param {number} end */
    set(points, end) {
      const width = Math.max(LEAST_S, Math.min(MOST_S, end - Math.min(end, ...points.keys()) + 1));
      const at = Array.from({ length: width }, (_, i) => end - width + 1 + i);
      const values = at.map((second) => points.get(second) ?? null);
      const seen = /** @type {number[]} */ (values.filter((value) => value !== null));
      if (!seen.length) return;
      card.ready();
      const summary = `${title}: now ${show(seen[seen.length - 1])}, lowest ${show(Math.min(...seen))}, highest ${show(Math.max(...seen))}.`;
      plot.set([at, values], { from: at[0], to: end, step: 1, known: 0, committed: null }, summary);
    },
  };
}
