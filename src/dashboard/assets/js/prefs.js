// @ts-check
// How this reader likes it: theme, units, zone, keys. Remembered by the browser, never sent.

const DEFAULTS = { theme: 'system', rate: 'bit', volume: 'iec', zone: 'local', keys: 'on' };
/** @typedef {keyof typeof DEFAULTS} Name */

const listeners = new Set();
const held = { ...DEFAULTS, ...recall() };

/** @param {Name} name @returns {string} */
export const pref = (name) => held[name];

/** @param {Name} name @param {string} value */
export function prefer(name, value) {
  held[name] = value;
  try {
    localStorage.setItem('netmonitor', JSON.stringify(held));
  } catch {
    // Storage may be refused: it holds for this visit.
  }
  tell();
}

/** @param {() => void} listener */
export const onPrefs = (listener) => void listeners.add(listener);

/** What the eye sees now. @returns {'light' | 'dark'} */
export function shownTheme() {
  if (held.theme === 'light' || held.theme === 'dark') return held.theme;
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
}

function tell() {
  document.documentElement.dataset.theme = shownTheme();
  for (const listener of listeners) listener();
}

matchMedia('(prefers-color-scheme: light)').addEventListener('change', tell);
matchMedia('(forced-colors: active)').addEventListener('change', tell);

/** Also what an older page left there: only known names are taken. @returns {Partial<typeof DEFAULTS>} */
function recall() {
  try {
    const found = JSON.parse(localStorage.getItem('netmonitor') ?? '{}');
    return Object.fromEntries(Object.entries(found).filter(([name]) => name in DEFAULTS));
  } catch {
    return {};
  }
}
