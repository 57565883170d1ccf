// @ts-check
// Quantities as people read them. Pure: the reader's choice of unit is an argument.

const LOCALE = undefined;
const BITS = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'];
const RATES = ['B/s', 'kB/s', 'MB/s', 'GB/s', 'TB/s'];
const IEC = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const SI = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const TIMES = ['ns', 'µs', 'ms', 's'];

const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const three = new Intl.NumberFormat(LOCALE, { minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
const compact = new Intl.NumberFormat(LOCALE, { notation: 'compact', maximumFractionDigits: 1 });

/** A number and its unit, apart. @typedef {{value: string, unit: string}} Figure */

/** @param {number} bytesPerSecond @param {string} unit `bit` or `byte` @returns {Figure} */
export function rate(bytesPerSecond, unit) {
  return unit === 'bit' ? scale(bytesPerSecond * 8, 1000, BITS) : scale(bytesPerSecond, 1000, RATES);
}

/** @param {number} bytes @param {string} unit `iec` or `si` @returns {Figure} */
export const volume = (bytes, unit) => (unit === 'iec' ? scale(bytes, 1024, IEC) : scale(bytes, 1000, SI));

/** A duration from nanoseconds. @param {number} ns @returns {Figure} */
export const duration = (ns) => scale(ns, 1000, TIMES);

/** @param {Figure} figure */
export const joined = (figure) => `${figure.value}\u00a0${figure.unit}`;

/** @param {number} n */
export const count = (n) => whole.format(n);

/** @param {number} n */
export const brief = (n) => (n < 10000 ? whole.format(n) : compact.format(n));

/** Never rounded up to 100 % nor down to nothing: what is lost or little must stay visible. @param {number} ratio */
export function percent(ratio) {
  if (ratio > 0 && ratio < 0.0001) return `< ${new Intl.NumberFormat(LOCALE).format(0.01)}\u00a0%`;
  const shown = ratio < 1 ? Math.floor(ratio * 10000) / 100 : Math.round(ratio * 10000) / 100;
  return `${new Intl.NumberFormat(LOCALE, { maximumFractionDigits: shown < 10 || shown > 99 ? 2 : 1 }).format(shown)}\u00a0%`;
}

/** A span such as `3 s`, `12 min`, `4 h 10 min`, `3 d 2 h`. @param {number} seconds */
export function span(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 90) return `${s}\u00a0s`;
  if (s < 5400) return `${Math.round(s / 60)}\u00a0min`;
  if (s < 172800) return pair(s, 3600, 'h', 60, 'min');
  return pair(s, 86400, 'd', 3600, 'h');
}

/** @param {number} s @param {number} big @param {string} name @param {number} small @param {string} rest */
function pair(s, big, name, small, rest) {
  const left = Math.floor((s % big) / small);
  return `${Math.floor(s / big)}\u00a0${name}${left ? ` ${left}\u00a0${rest}` : ''}`;
}

/** @param {number} value @param {number} base @param {string[]} units @returns {Figure} */
function scale(value, base, units) {
  let step = 0;
  let rest = Math.max(0, value);
  while (rest >= base * 0.9995 && step < units.length - 1) {
    rest /= base;
    step += 1;
  }
  const digits = step === 0 || rest >= 1000 ? whole : three;
  return { value: rest === 0 ? '0' : digits.format(rest), unit: units[step] };
}

// What could reorder, hide or break text around it: controls, bidi marks, zero-width characters.
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A name from the network, made visible. @param {string} name */
export const clean = (name) => String(name).replace(UNSEEN, '\ufffd');
