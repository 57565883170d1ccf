// @ts-check
// The time range: its presets, its form in the URL, and its bounds at a given moment. Pure.

/** @typedef {import('../../shapes').Range} Range */

/** @type {{key: string, label: string, long: string, range: Range}[]} */
export const PRESETS = [
  { key: 'live', label: 'Live', long: 'the last 5 minutes, live', range: { kind: 'live', seconds: 300 } },
  { key: '15m', label: '15 m', long: 'the last 15 minutes', range: { kind: 'last', seconds: 900 } },
  { key: '1h', label: '1 h', long: 'the last hour', range: { kind: 'last', seconds: 3600 } },
  { key: '6h', label: '6 h', long: 'the last 6 hours', range: { kind: 'last', seconds: 21600 } },
  { key: '24h', label: '24 h', long: 'the last 24 hours', range: { kind: 'last', seconds: 86400 } },
  { key: '7d', label: '7 d', long: 'the last 7 days', range: { kind: 'last', seconds: 604800 } },
];

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];
const POINTS = 450;

/** @param {URLSearchParams} params @returns {Range} */
export function parse(params) {
  const [from, to] = [Number(params.get('from')), Number(params.get('to'))];
  if (from > 0 && to > from) return { kind: 'fixed', from, to };
  return (PRESETS.find((preset) => preset.key === params.get('range')) ?? PRESETS[0]).range;
}

/** @param {Range} range @returns {Record<string, string>} */
export function format(range) {
  if (range.kind === 'fixed') return { from: String(range.from), to: String(range.to) };
  return { range: keyOf(range) ?? 'live' };
}

/** The preset's key; `null` for a range of one's own. @param {Range} range */
export function keyOf(range) {
  if (range.kind === 'fixed') return null;
  return PRESETS.find((preset) => 'seconds' in preset.range && preset.range.seconds === range.seconds)?.key ?? null;
}

/** @param {Range} range @param {number} now @returns {import('../../shapes').Bounds} */
export function bounds(range, now) {
  const [from, to] = range.kind === 'fixed' ? [range.from, range.to] : [now - range.seconds, now];
  const step = STEPS.find((s) => (to - from) / s <= POINTS) ?? 86400;
  return { from: Math.floor(from / step) * step, to: Math.ceil(to / step) * step, step };
}

/** How often it is worth asking again; 0: it will not change. @param {Range} range @param {number} now */
export function period(range, now) {
  if (range.kind === 'fixed') return range.to > now - 5 ? 5000 : 0;
  return range.kind === 'live' ? 3000 : Math.min(60000, Math.max(5000, bounds(range, now).step * 1000));
}

/** Wider or narrower around the middle, never past now. @param {Range} range @param {number} factor @param {number} now @returns {Range} */
export function zoom(range, factor, now) {
  const { from, to } = ends(range, now);
  const half = Math.max(5, ((to - from) * factor) / 2);
  const middle = (from + to) / 2;
  const end = Math.min(Math.round(middle + half), now);
  return { kind: 'fixed', from: Math.round(end - 2 * half), to: end };
}

/** @param {Range} range @param {number} share of its width @param {number} now @returns {Range} */
export function shift(range, share, now) {
  const { from, to } = ends(range, now);
  const by = Math.min(Math.round((to - from) * share), now - to);
  return { kind: 'fixed', from: from + by, to: to + by };
}

/** The next wider preset, for a range that turned out empty. @param {Range} range @param {number} now */
export function wider(range, now) {
  const { from, to } = ends(range, now);
  return PRESETS.find((preset) => preset.range.kind === 'last' && preset.range.seconds > to - from) ?? null;
}

/** @param {Range} range @param {number} now */
const ends = (range, now) => (range.kind === 'fixed' ? range : { from: now - range.seconds, to: now });
