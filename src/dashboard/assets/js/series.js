// @ts-check
// What the rate chart draws, from the live stream and from history. Pure: `null` stays `null`.

/** @typedef {import('../../shapes').Series} Series */

/**
 * The last `width` seconds: the stream's where it has them, history's before.
 * @param {Map<number, import('../../shapes').Second>} seconds
 * @param {import('../../shapes').Timeline | null} history in steps of one second
 * @param {number} end the newest second to show
 * @param {number} width
 * @param {number | null} committed
 * @returns {Series}
 */
export function fromLive(seconds, history, end, width, committed) {
  const rate = (/** @type {number | null} */ bytes, /** @type {number} */ i) => (history && bytes !== null ? bytes / lasted(history, i, 1) : null);
  const past = new Map(history?.at_s.map((at, i) => [at, [rate(history.bytes_in[i], i), rate(history.bytes_out[i], i)]]));
  const series = /** @type {Series} */ ({ at: [], in: [], out: [], step: 1, committed, known: 0 });
  for (let at = end - width + 1; at <= end; at += 1) {
    const second = seconds.get(at);
    const [into, out] = second ? rates(second) : (past.get(at) ?? [null, null]);
    series.at.push(at);
    series.in.push(into);
    series.out.push(out);
    if (second || into !== null) series.known = at;
  }
  return series;
}

/**
 * @param {import('../../shapes').Timeline} timeline
 * @param {number} now steps that are not over yet are left out
 * @param {number | null} committed
 * @returns {Series}
 */
export function fromTimeline(timeline, now, committed) {
  const step = timeline.step_s ?? 1;
  const over = timeline.at_s.map((at) => at + step <= now - 3);
  const each = (/** @type {(number | null)[]} */ bytes) => bytes.map((value, i) => (over[i] && value !== null ? value / lasted(timeline, i, step) : null));
  return {
    at: timeline.at_s, in: each(timeline.bytes_in), out: each(timeline.bytes_out), step, committed,
    known: timeline.at_s[over.lastIndexOf(true)] ?? 0,
  };
}

/**
 * The seconds that a step's rate is over: as many as it is long, or as were lived through in it where
 * the clock was set back and showed some twice.
 * @param {import('../../shapes').Timeline} timeline @param {number} i @param {number} length
 */
export const lasted = (timeline, i, length) => Math.max(length, timeline.lived_ms[i] / 1000);

/**
 * Two that the clock showed as one second, added up and as long as both.
 * @param {import('../../shapes').Second} before @param {import('../../shapes').Second} second
 * @returns {import('../../shapes').Second}
 */
export const both = (before, second) => ({
  ...second,
  width_s: before.width_s + second.width_s,
  cpu_ms: before.cpu_ms + second.cpu_ms,
  total: sum(before.total, second.total),
});

/** @param {import('../../shapes').Traffic} a @param {import('../../shapes').Traffic} b */
const sum = (a, b) => ({
  bytes_in: a.bytes_in + b.bytes_in,
  bytes_out: a.bytes_out + b.bytes_out,
  packets_in: a.packets_in + b.packets_in,
  packets_out: a.packets_out + b.packets_out,
});

/** A second's rates by its width on the steady clock; `null` if nothing of it was watched. @param {import('../../shapes').Second} second */
export function rates(second) {
  const width = second.width_s || 1;
  const { bytes_in: into, bytes_out: out } = second.total;
  if (into + out === 0 && second.loss.gap_ms >= width * 950) return [null, null];
  return [into / width, out / width];
}

/** @param {(number | null)[]} values */
export const peak = (values) => values.reduce((/** @type {number} */ most, value) => Math.max(most, value ?? 0), 0);

/** The mean of what was watched. @param {(number | null)[]} values */
export function mean(values) {
  const seen = values.filter((value) => value !== null);
  return seen.length ? seen.reduce((/** @type {number} */ sum, value) => sum + (value ?? 0), 0) / seen.length : null;
}

/**
 * Runs of nulls in what is known: time in which nothing was watched, from the last point before
 * to the first after.
 * @param {number[]} at @param {(number | null)[]} values @param {number} known @param {number} step
 * @returns {[number, number][]}
 */
export function gaps(at, values, known, step) {
  const found = /** @type {[number, number][]} */ ([]);
  for (let i = 0; i < at.length; i += 1) {
    if (values[i] !== null || at[i] > known) continue;
    const start = i;
    while (i + 1 < at.length && values[i + 1] === null && at[i + 1] <= known) i += 1;
    found.push([start ? at[start - 1] : at[0], Math.min(at[i] + step, Math.max(known, at[i]))]);
  }
  return found;
}
