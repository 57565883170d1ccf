// @ts-check
// What a chart paints around its lines: gaps hatched and never zero, provisional seconds washed
// out, the reading at the pointer. Colours come from the stylesheet.

import { give, h, say } from './dom.js';
import { pref } from './prefs.js';
import { gaps } from './series.js';
import { full, iso } from './times.js';

/** @param {any} u @param {string} strong @param {string} weak @param {boolean} below */
export function gradient(u, strong, weak, below) {
  if (!u.bbox?.height) return weak;
  const zero = u.valToPos(0, 'y', true);
  const end = below ? u.bbox.top + u.bbox.height : u.bbox.top;
  if (!Number.isFinite(zero) || zero === end) return weak;
  const fill = u.ctx.createLinearGradient(0, end, 0, zero);
  fill.addColorStop(0, strong);
  fill.addColorStop(1, weak);
  return fill;
}

/** Time in which nothing was watched. @param {any} u @param {any} state @param {ReturnType<typeof colours>} paint */
export function hatch(u, state, paint) {
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
export function finish(u, state, paint) {
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
export function read(u, options, state, tip) {
  const i = u.cursor.idx;
  const at = state.data[0][i];
  give(tip, 'hidden', i == null || at === undefined || u.cursor.left < 0);
  if (tip.hidden) return;
  const when = h('p', { class: 'tip-time', title: iso(at) }, full(at, pref('zone')));
  const rows = options.lines.map((/** @type {import('./chart.js').Line} */ line, /** @type {number} */ n) => reading(line, state.data[n + 1][i], at, state, options.show));
  tip.replaceChildren(when, ...rows);
  const left = u.cursor.left + u.bbox.left / devicePixelRatio;
  const flip = left > u.width / 2;
  tip.style.transform = `translateX(${Math.round(flip ? left - tip.offsetWidth - 14 : left + 14)}px)`;
}

/** @param {import('./chart.js').Line} line @param {number | null} value @param {number} at @param {any} state @param {(value: number) => string} show */
function reading(line, value, at, state, show) {
  const row = h('p', { class: 'tip-row' }, h('i', { class: `swatch ${line.tone}` }), line.label, h('b'));
  const soft = state.committed !== null && at > state.committed ? ' · provisional' : '';
  say(/** @type {Node} */ (row.lastChild), value == null ? (at > state.known ? 'not yet known' : 'not watched') : show(Math.abs(value)) + soft);
  return row;
}

/** Reads the stylesheet's variables as they are now. */
export function colours() {
  const style = getComputedStyle(document.documentElement);
  return (/** @type {string} */ name) => style.getPropertyValue(name).trim();
}
