// @ts-check
// The time range picker: presets, and a range of one's own.

import { give, h } from './dom.js';
import { button, segmented } from './parts.js';
import { pref } from './prefs.js';
import { bounds, keyOf, PRESETS } from './range.js';

/** @param {(range: import('../../shapes').Range) => void} choose */
export function picker(choose) {
  const presets = segmented('Time range', PRESETS.map(({ key, label, long }) => ({ key, label, title: long })),
    (key) => choose(PRESETS.find((preset) => preset.key === key)?.range ?? PRESETS[0].range));
  const from = h('input', { type: 'datetime-local', step: '1', 'aria-label': 'From' });
  const to = h('input', { type: 'datetime-local', step: '1', 'aria-label': 'To' });
  const wrong = h('p', { class: 'wrong', role: 'alert' });
  const apply = () => {
    const [start, end] = [read(from.value), read(to.value)];
    const valid = start > 0 && end > start;
    wrong.textContent = valid ? '' : 'The end must lie after the start.';
    if (!valid) return;
    box.hidePopover();
    choose({ kind: 'fixed', from: start, to: end });
  };
  const box = h('div', { popover: 'auto', class: 'popover', id: 'own-range', role: 'dialog', 'aria-label': 'A range of your own' },
    h('label', {}, 'From', from), h('label', {}, 'To', to), wrong, button('Show this range', apply, { class: 'button primary' }));
  const own = h('button', { type: 'button', 'aria-pressed': 'false', popovertarget: 'own-range', title: 'a range of your own' }, 'Custom');
  presets.element.append(own);
  box.addEventListener('toggle', () => place(box, own));
  return {
    element: h('div', { class: 'picker' }, presets.element, box),
    /** @param {import('../../shapes').Range} range @param {number} now */
    set(range, now) {
      const key = keyOf(range);
      presets.set(key);
      give(own, 'aria-pressed', String(key === null));
      const ends = range.kind === 'fixed' ? range : bounds(range, Math.floor(now));
      [from.value, to.value] = [write(ends.from), write(ends.to)];
    },
  };
}

/** Below its button, inside the window. @param {HTMLElement} box @param {HTMLElement} anchor */
function place(box, anchor) {
  const { bottom, right } = anchor.getBoundingClientRect();
  box.style.top = `${Math.round(bottom + 8)}px`;
  box.style.left = `${Math.round(Math.max(8, Math.min(right, innerWidth - 8) - box.offsetWidth))}px`;
}

/** The field's text in the reader's zone. @param {number} at */
function write(at) {
  const offset = pref('zone') === 'utc' ? 0 : new Date(at * 1000).getTimezoneOffset() * 60;
  return new Date((at - offset) * 1000).toISOString().slice(0, 19);
}

/** @param {string} text */
const read = (text) => Math.floor(Date.parse(pref('zone') === 'utc' ? `${text}Z` : text) / 1000);
