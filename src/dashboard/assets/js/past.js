// @ts-check
// Periods of the history: which there are, what they are called, in which steps they are drawn. Pure.

import { lasted } from './series.js';

/** @typedef {import('../../shapes').Period} Period */

/** Steps, the finest first: a coarser one is for what is left only in longer sums. @type {{key: string, label: string, path: string, one: string, steps: (number | string)[], many: number}[]} */
export const PERIODS = [
  { key: 'hour', label: 'Hour', path: 'hourly', one: 'hour', steps: [10, 60], many: 24 },
  { key: 'day', label: 'Day', path: 'daily', one: 'day', steps: [300, 3600], many: 14 },
  { key: 'week', label: 'Week', path: 'weekly', one: 'week', steps: [3600, 'day'], many: 12 },
  { key: 'month', label: 'Month', path: 'monthly', one: 'month', steps: [3600, 'day'], many: 12 },
  { key: 'year', label: 'Year', path: 'yearly', one: 'year', steps: ['day'], many: 5 },
  { key: 'billing', label: 'Billing', path: 'billing', one: 'cycle', steps: [3600, 'day'], many: 12 },
];

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
export const weekdays = WEEKDAYS;

/** The kind of period that an address means. @param {import('../../shapes').Past} past */
export const periodOf = (past) => PERIODS.find((one) => one.key === past.period) ?? PERIODS[1];

/**
 * The next coarser step, where a series has its range for the most part only in sums that are longer.
 * @param {string} cycle @param {import('../../shapes').Timeline} timeline
 */
export function coarser(cycle, timeline) {
  const { steps } = periodOf({ period: cycle });
  const length = (/** @type {{from: string, to: string}} */ one) => Date.parse(one.to) - Date.parse(one.from);
  const missing = timeline.missing.reduce((sum, one) => sum + length(one), 0);
  const place = steps.indexOf(timeline.step_s ?? timeline.step);
  return place >= 0 && 2 * missing > length(timeline) ? steps[place + 1] : undefined;
}

/** The day on which a billing cycle begins. @param {import('../../shapes').Past} past */
export function cycleDay(past) {
  const day = Math.floor(Number(past.cycle_day));
  return day >= 1 && day <= 28 ? day : 1;
}

/** Dates are those of the history's zone, whatever the reader's is. @param {string} date @param {Intl.DateTimeFormatOptions} options */
const dated = (date, options) => new Intl.DateTimeFormat(undefined, { ...options, timeZone: 'UTC' }).format(new Date(`${date}T00:00:00Z`));

/** What a period is called. @param {string} cycle @param {Period} period @param {(at: number) => string} minute */
export function called(cycle, period, minute) {
  const day = { day: 'numeric', month: 'short', year: 'numeric' };
  if (cycle === 'hour') return `${dated(period.date, /** @type {any} */ ({ day: 'numeric', month: 'short' }))}, ${minute(Date.parse(period.from) / 1000)}`;
  if (cycle === 'day') return dated(period.date, /** @type {any} */ ({ weekday: 'short', ...day }));
  if (cycle === 'month') return dated(period.date, { month: 'long', year: 'numeric' });
  if (cycle === 'year') return dated(period.date, { year: 'numeric' });
  return `${cycle === 'week' ? 'Week from' : 'From'} ${dated(period.date, /** @type {any} */ (day))}`;
}

/**
 * Means of each step, over as much of it as lies in the past; `null` where nothing was watched.
 * @param {import('../../shapes').Timeline} timeline @param {number} now
 * @returns {import('../../shapes').Series}
 */
export function fromPast(timeline, now) {
  const at = timeline.at_s;
  // The last seconds are still on their way.
  const end = Math.min(Date.parse(timeline.to) / 1000, now - 3);
  const step = timeline.step_s ?? 86400;
  const length = at.map((start, i) => Math.min(at[i + 1] ?? end, end) - start);
  const begun = length.map((seconds) => seconds >= Math.min(step, 60));
  const means = (/** @type {(number | null)[]} */ bytes) => bytes.map((value, i) => (value === null || !begun[i] ? null : value / lasted(timeline, i, length[i])));
  return { at, in: means(timeline.bytes_in), out: means(timeline.bytes_out), committed: null, step, known: at[begun.lastIndexOf(true)] ?? 0 };
}

/** In words how much more or less it is: `+12 %`; nothing where there is nothing to compare with. @param {number | null | undefined} ratio */
export function changed(ratio) {
  if (ratio === null || ratio === undefined || !Number.isFinite(ratio)) return '';
  const percent = Math.abs(ratio) * 100;
  const shown = percent >= 1000 ? `×${new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 }).format(ratio + 1)}` : '';
  if (shown && ratio > 0) return shown;
  const digits = percent < 10 ? 1 : 0;
  return `${ratio < 0 ? '−' : '+'}${new Intl.NumberFormat(undefined, { maximumFractionDigits: digits }).format(percent)}\u00a0%`;
}

/** How much one figure is more than another. @param {number} now @param {number} before */
export const ratio = (now, before) => (before > 0 ? now / before - 1 : null);

/**
 * One way's bytes beside those of the period before, in words.
 * @param {Period} period @param {Period | undefined} last the one before @param {'bytes_in' | 'bytes_out'} way @param {string} one what a period is called
 */
export function against(period, last, way, one) {
  const { counts, compared } = period;
  if (!counts) return 'not watched';
  if (!compared) return period.over || !last?.counts ? `nothing watched the ${one} before` : `nothing of the ${one} before to compare with yet`;
  const [now, before] = [compared.counts[way], compared.before[way]];
  if (before > 0) return `${changed(ratio(now, before))} against the ${one} before`;
  return now > 0 ? `none the ${one} before` : `none, as the ${one} before`;
}

/** A share of the largest, in so many shades from 1; 0 for nothing at all. Small figures are told apart, too. @param {number} value @param {number} most @param {number} shades */
export function shade(value, most, shades) {
  if (!(value > 0) || !(most > 0)) return 0;
  return Math.max(1, Math.min(shades, Math.ceil(Math.sqrt(value / most) * shades)));
}
