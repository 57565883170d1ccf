// @ts-check
// Keys: single letters and `g` followed by a letter. Silent inside fields, while a dialog is
// open, and where the reader turned them off.

import { pref } from './prefs.js';

const PATIENCE_MS = 1200;
let prefix = { key: '', at: 0 };

/** @param {Record<string, () => void>} actions */
export function listen(actions) {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || busy(event)) return;
    const waiting = prefix.key && event.timeStamp - prefix.at < PATIENCE_MS ? `${prefix.key} ` : '';
    prefix = { key: event.key === 'g' ? 'g' : '', at: event.timeStamp };
    const action = actions[waiting + event.key] ?? actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

/** @param {KeyboardEvent} event */
function busy(event) {
  const target = /** @type {Element} */ (event.target);
  const typing = target.closest?.('input, textarea, select');
  const pressing = event.key === ' ' && target.closest?.('button, a, summary');
  return pref('keys') === 'off' || typing || pressing || document.querySelector('dialog[open], :popover-open');
}
