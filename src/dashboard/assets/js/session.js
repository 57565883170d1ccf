// @ts-check
// The access token: it comes in the URL's fragment, moves to this tab's storage at once, and
// leaves the address bar and the history.

const KEY = 'netmonitor.token';
const listeners = new Set();
let held = recall();

/** @returns {string | null} */
export const token = () => held;

/** Takes `#token=...` out of the URL. True if there was one. */
export function adopt() {
  const found = /^#token=([^&]+)/.exec(location.hash);
  if (!found) return false;
  history.replaceState(null, '', `${location.pathname}#/overview`);
  keep(decodeURIComponent(found[1]));
  return true;
}

/** @param {string} value */
export function keep(value) {
  held = value.trim();
  try {
    sessionStorage.setItem(KEY, held);
  } catch {
    // Storage may be refused: it holds until the page is left.
  }
}

/** The server refused the token. */
export const refused = () => listeners.forEach((listener) => listener());

/** @param {() => void} listener */
export const onRefused = (listener) => void listeners.add(listener);

function recall() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}
