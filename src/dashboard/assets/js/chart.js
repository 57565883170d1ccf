// @ts-check
// A time chart on uPlot: its frame, scales, axes and lines; a dragged range is handed to whoever
// asked. What is painted over and under the lines is paint.js's.

import { give, h } from './dom.js';
import { colours, finish, gradient, hatch, read } from './paint.js';
import { pref } from './prefs.js';
import { ticks } from './times.js';

/** The axis' width and half a label: what lies nearer to the right edge would be cut. */
const CUT = 76 + 30;

const DAY_S = 86400;
/** What may lie between two labels of the time axis. */
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, ...[1, 2, 5, 10, 15, 30, 90, 365].map((days) => days * DAY_S)];

/**
 * @typedef {object} Line
 * @property {string} label
 * @property {string} tone the CSS variable's name: `in`, `out`, `accent`
 * @property {boolean} [below] drawn downwards
 */

/**
 * @param {{lines: Line[], height: number, label: string, show: (value: number) => string,
 *   round: () => (rough: number) => number, least?: number, onRange?: (from: number, to: number) => void, onPick?: (at: number) => void, group?: string}} options
 */
export function chart(options) {
  const mount = h('div', { class: 'chart-mount' });
  const tip = h('div', { class: 'chart-tip', hidden: true });
  const element = h('div', { class: 'chart', role: 'img', 'aria-label': options.label }, mount, tip);
  element.style.height = `${options.height}px`;
  const state = { data: /** @type {any[]} */ ([[], ...options.lines.map(() => [])]), from: 0, to: 1, step: 1, known: 0, committed: /** @type {number | null} */ (null) };
  /** @type {any} */
  let plot = null;

  function build() {
    plot?.destroy();
    plot = null;
    if (!element.clientWidth) return;
    plot = new uPlot(settings(options, state, tip, element.clientWidth), state.data, mount);
  }
  const observer = new ResizeObserver(() => requestAnimationFrame(() => {
    if (!plot) build();
    else if (plot.width !== element.clientWidth) plot.setSize({ width: element.clientWidth, height: options.height });
  }));
  observer.observe(element);
  return {
    element,
    build,
    /** @param {any[]} data columns: times, then one a line @param {{from: number, to: number, step: number, known: number, committed: number | null}} frame @param {string} summary */
    set(data, frame, summary) {
      Object.assign(state, frame, { data });
      give(element, 'aria-label', summary);
      if (plot) plot.setData(data);
      else build();
    },
    stop() {
      observer.disconnect();
      plot?.destroy();
    },
  };
}

/** @param {any} options @param {any} state @param {HTMLElement} tip @param {number} width */
function settings(options, state, tip, width) {
  const paint = colours();
  return {
    width,
    height: options.height,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    tzDate: (/** @type {number} */ at) => (pref('zone') === 'utc' ? uPlot.tzDate(new Date(at * 1000), 'Etc/UTC') : new Date(at * 1000)),
    cursor: cursor(options),
    scales: { x: { time: true, range: () => [state.from, state.to] }, y: { range: extent(options) } },
    axes: axes(options, paint),
    series: [{}, ...options.lines.map((/** @type {Line} */ line) => series(line, paint))],
    hooks: hooks(options, state, tip, paint),
  };
}

/** @param {any} options */
function cursor(options) {
  const drag = Boolean(options.onRange);
  return {
    y: false,
    drag: { x: drag, y: false, setScale: false, dist: 6 },
    points: { size: 7, width: 2 },
    ...(options.group && { sync: { key: options.group, setSeries: false } }),
  };
}

/** Room above and, for a mirrored chart, below; a quiet direction still gets a strip. @param {any} options */
function extent(options) {
  const mirrored = options.lines.some((/** @type {Line} */ line) => line.below);
  return (/** @type {any} */ _, /** @type {number | null} */ low, /** @type {number | null} */ high) => {
    const top = Math.max(high ?? 0, 0);
    const bottom = Math.max(-(low ?? 0), 0);
    const most = Math.max(top, bottom) || options.least || 1;
    if (!mirrored) return [0, most * 1.12];
    return [-Math.max(bottom, most * 0.18) * 1.12, Math.max(top, most * 0.18) * 1.12];
  };
}

/** @param {any} options @param {ReturnType<typeof colours>} paint */
function axes(options, paint) {
  const base = { stroke: paint('--muted'), font: `11px ${paint('--font')}`, ticks: { show: false } };
  return [
    { ...base, grid: { show: false }, incrs: STEPS_S, space: 90, size: 28, gap: 8,
      values: (/** @type {any} */ u, /** @type {number[]} */ splits, /** @type {any} */ _, /** @type {any} */ __, /** @type {number} */ step) =>
        ticks(splits, step, pref('zone')).map((label, i) => (u.valToPos(splits[i], 'x') > u.width - CUT ? '' : label)) },
    { ...base, grid: { stroke: paint('--grid'), width: 1 }, space: 44, size: 76, gap: 8,
      splits: (/** @type {any} */ u, /** @type {number} */ axis, /** @type {number} */ low, /** @type {number} */ high) => splits(low, high, u.bbox.height / devicePixelRatio, options.round()),
      values: (/** @type {any} */ _, /** @type {number[]} */ values) => values.map((value) => options.show(Math.abs(value))) },
  ];
}

/** @param {number} low @param {number} high @param {number} height @param {(rough: number) => number} round */
function splits(low, high, height, round) {
  const step = round((high - low) / Math.max(2, height / 40));
  const marks = [];
  for (let at = Math.ceil(low / step); at * step <= high; at += 1) marks.push(at * step);
  return marks;
}

/** Steps of 1, 2 and 5 in a unit of which the data's has `per`. @param {number} per @returns {(rough: number) => number} */
export const decimal = (per) => (rough) => {
  const power = 10 ** Math.floor(Math.log10(rough * per || 1));
  return (([1, 2, 5, 10].find((n) => n * power >= rough * per) ?? 10) * power) / per;
};

/** Steps of powers of two. @param {number} rough */
export const binary = (rough) => 2 ** Math.round(Math.log2(rough || 1));

/** @param {Line} line @param {ReturnType<typeof colours>} paint */
function series(line, paint) {
  return {
    stroke: paint(`--${line.tone}`),
    width: 1.5,
    spanGaps: false,
    fill: (/** @type {any} */ u) => gradient(u, paint(`--${line.tone}-strong`), paint(`--${line.tone}-weak`), Boolean(line.below)),
    points: { show: true, size: 4, stroke: paint(`--${line.tone}`), fill: paint(`--${line.tone}`), filter: lonely },
  };
}

/** Points with a gap on both sides: no line would show them. @param {any} u @param {number} index */
function lonely(u, index) {
  const values = u.data[index];
  const alone = [];
  for (let i = 0; i < values.length; i += 1) if (values[i] != null && values[i - 1] == null && values[i + 1] == null) alone.push(i);
  return alone;
}

/** @param {any} options @param {any} state @param {HTMLElement} tip @param {ReturnType<typeof colours>} paint */
function hooks(options, state, tip, paint) {
  return {
    drawClear: [(/** @type {any} */ u) => hatch(u, state, paint)],
    draw: [(/** @type {any} */ u) => finish(u, state, paint)],
    ready: [(/** @type {any} */ u) => options.onPick && u.over.addEventListener('click', () => {
      if (u.cursor.idx != null && u.select.width < 6) options.onPick(u.data[0][u.cursor.idx]);
    })],
    setCursor: [(/** @type {any} */ u) => read(u, options, state, tip)],
    setSelect: [(/** @type {any} */ u) => {
      if (u.select.width < 6) return;
      options.onRange?.(Math.floor(u.posToVal(u.select.left, 'x')), Math.ceil(u.posToVal(u.select.left + u.select.width, 'x')));
      u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    }],
  };
}
