// @ts-check
// Instants as people read them: local or UTC by choice, ISO always at hand.

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {number} at seconds since 1970 @param {string} zone `local` or `utc` */
export const clock = (at, zone) => format(at, zone, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** @param {number} at @param {string} zone */
export const minute = (at, zone) => format(at, zone, { hour: '2-digit', minute: '2-digit' });

/** @param {number} at @param {string} zone */
export const day = (at, zone) => format(at, zone, { day: 'numeric', month: 'short' });

/** @param {number} at @param {string} zone */
export const full = (at, zone) => format(at, zone, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** @param {number} at @param {string} zone */
export const dated = (at, zone) => format(at, zone, { day: 'numeric', month: 'short', year: 'numeric' });

/** @param {number} at */
export const iso = (at) => new Date(at * 1000).toISOString().replace('.000Z', 'Z');

/** Seconds since 1970 of an RFC 3339 time; `null` where there is none. @param {string | null | undefined} text */
export function instant(text) {
  const at = text ? Date.parse(text) / 1000 : NaN;
  return Number.isFinite(at) ? at : null;
}

/** The labels of a time axis: as fine as its steps. @param {number[]} splits @param {number} step @param {string} zone */
export function ticks(splits, step, zone) {
  if (step >= 86400) return splits.map((at) => day(at, zone));
  const label = step < 60 ? clock : minute;
  return splits.map((at, i) => (i > 0 && day(at, zone) !== day(splits[i - 1], zone) ? day(at, zone) : label(at, zone)));
}

/** @param {number} at @param {string} zone @param {Intl.DateTimeFormatOptions} options */
function format(at, zone, options) {
  const key = zone + Object.keys(options).join();
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(undefined, { ...options, hourCycle: 'h23', timeZone: zone === 'utc' ? 'UTC' : undefined });
    formats.set(key, made);
  }
  return made.format(at * 1000);
}
