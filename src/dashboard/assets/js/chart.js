// @ts-check
// A time chart on uPlot: colours from the stylesheet, gaps hatched and never zero, provisional
// seconds washed out, a reading at the pointer, and a dragged range handed to whoever asked.

import { give, h, say } from './dom.js';
import { pref } from './prefs.js';
import { gaps } from './series.js';
import { full, iso, ticks } from './times.js';

/**
 * @typedef {object} Line
 * @property {string} label
 * @property {string} tone the CSS variable's name: `in`, `out`, `accent`
 * @property {boolean} [below] drawn downwards
 */

/**
 * @param {{lines: Line[], height: number, label: string, show: (value: number) => string,
 *   round: () => (rough: number) => number, least?: number, onRange?: (from: number, to: number) => void, group?: string}} options
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
    { ...base, grid: { show: false }, space: 90, size: 28, gap: 8,
      values: (/** @type {any} */ _, /** @type {number[]} */ splits, /** @type {any} */ __, /** @type {any} */ ___, /** @type {number} */ step) => ticks(splits, step, pref('zone')) },
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

/** @param {any} u @param {string} strong @param {string} weak @param {boolean} below */
function gradient(u, strong, weak, below) {
  if (!u.bbox?.height) return weak;
  const zero = u.valToPos(0, 'y', true);
  const end = below ? u.bbox.top + u.bbox.height : u.bbox.top;
  if (!Number.isFinite(zero) || zero === end) return weak;
  const fill = u.ctx.createLinearGradient(0, end, 0, zero);
  fill.addColorStop(0, strong);
  fill.addColorStop(1, weak);
  return fill;
}

/** @param {any} options @param {any} state @param {HTMLElement} tip @param {ReturnType<typeof colours>} paint */
function hooks(options, state, tip, paint) {
  return {
    drawClear: [(/** @type {any} */ u) => hatch(u, state, paint)],
    draw: [(/** @type {any} */ u) => finish(u, state, paint)],
    setCursor: [(/** @type {any} */ u) => read(u, options, state, tip)],
    setSelect: [(/** @type {any} */ u) => {
      if (u.select.width < 6) return;
      options.onRange?.(Math.floor(u.posToVal(u.select.left, 'x')), Math.ceil(u.posToVal(u.select.left + u.select.width, 'x')));
      u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    }],
  };
}

/** Time in which nothing was watched. @param {any} u @param {any} state @param {ReturnType<typeof colours>} paint */
function hatch(u, state, paint) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.fillStyle = stripes(ctx, paint('--hatch'));
  for (const [from, to] of gaps(state.data[0], state.data[1], state.known, state.step)) {
    const left = Math.max(bbox.left, u.valToPos(from, 'x', true));
    const right = Math.min(bbox.left + bbox.width, u.valToPos(to, 'x', true));
    if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
  }
  ctx.restore();
}

/** The zero line, and a wash over what is not yet committed. @param {any} u @param {any} state @param {ReturnType<typeof colours>} paint */
function finish(u, state, paint) {
  const { ctx, bbox } = u;
  ctx.save();
  if (state.committed !== null && state.committed < state.known) {
    const left = Math.max(bbox.left, u.valToPos(state.committed, 'x', true));
    ctx.fillStyle = paint('--wash');
    if (left < bbox.left + bbox.width) ctx.fillRect(left, bbox.top, bbox.left + bbox.width - left, bbox.height);
  }
  ctx.fillStyle = paint('--axis');
  ctx.fillRect(bbox.left, Math.round(u.valToPos(0, 'y', true)), bbox.width, devicePixelRatio);
  ctx.restore();
}

/** @param {CanvasRenderingContext2D} ctx @param {string} colour */
function stripes(ctx, colour) {
  const size = 8 * devicePixelRatio;
  const tile = h('canvas', { width: size, height: size });
  const pen = tile.getContext('2d');
  if (!pen) return colour;
  pen.strokeStyle = colour;
  pen.lineWidth = devicePixelRatio;
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift, size);
    pen.lineTo(shift + size, 0);
  }
  pen.stroke();
  return ctx.createPattern(tile, 'repeat') ?? colour;
}

/** The reading at the pointer. @param {any} u @param {any} options @param {any} state @param {HTMLElement} tip */
function read(u, options, state, tip) {
  const i = u.cursor.idx;
  const at = state.data[0][i];
  give(tip, 'hidden', i == null || at === undefined || u.cursor.left < 0);
  if (tip.hidden) return;
  const when = h('p', { class: 'tip-time', title: iso(at) }, full(at, pref('zone')));
  const rows = options.lines.map((/** @type {Line} */ line, /** @type {number} */ n) => reading(line, state.data[n + 1][i], at, state, options.show));
  tip.replaceChildren(when, ...rows);
  const left = u.cursor.left + u.bbox.left / devicePixelRatio;
  const flip = left > u.width / 2;
  tip.style.transform = `translateX(${Math.round(flip ? left - tip.offsetWidth - 14 : left + 14)}px)`;
}

/** @param {Line} line @param {number | null} value @param {number} at @param {any} state @param {(value: number) => string} show */
function reading(line, value, at, state, show) {
  const row = h('p', { class: 'tip-row' }, h('i', { class: `swatch ${line.tone}` }), line.label, h('b'));
  const soft = state.committed !== null && at > state.committed ? ' · provisional' : '';
  say(/** @type {Node} */ (row.lastChild), value == null ? (at > state.known ? 'not yet known' : 'not watched') : show(Math.abs(value)) + soft);
  return row;
}

/** Reads the stylesheet's variables as they are now. */
function colours() {
  const style = getComputedStyle(document.documentElement);
  return (/** @type {string} */ name) => style.getPropertyValue(name).trim();
}
