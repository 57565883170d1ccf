// @ts-check
// The two dialogs: how to show things, and the keys.

import { h, icon } from './dom.js';
import { segmented } from './parts.js';
import { onPrefs, pref, prefer } from './prefs.js';

const CHOICES = /** @type {const} */ ([
  ['theme', 'Theme', [['system', 'System'], ['light', 'Light'], ['dark', 'Dark']]],
  ['rate', 'Rates', [['bit', 'bit/s'], ['byte', 'B/s']]],
  ['volume', 'Volumes', [['iec', 'KiB, MiB'], ['si', 'kB, MB']]],
  ['zone', 'Times', [['local', 'Local'], ['utc', 'UTC']]],
  ['keys', 'Keyboard shortcuts', [['on', 'On'], ['off', 'Off']]],
]);

const KEYS = [
  ['g o', 'Overview'], ['g h', 'History'], ['g p', 'Performance'], ['Space', 'Pause or go on'], ['[ ]', 'Earlier, later'],
  ['+ −', 'Narrower, wider range'], ['l', 'Live'], ['t', 'Light or dark'], ['?', 'This help'], ['Esc', 'Close; clear the filters'],
];

export function settingsDialog() {
  const rows = CHOICES.map(([name, label, options]) => {
    const choice = segmented(label, options.map(([key, text]) => ({ key, label: text })), (key) => prefer(name, key));
    const show = () => choice.set(pref(name));
    show();
    onPrefs(show);
    return h('div', { class: 'choice' }, h('span', {}, label), choice.element);
  });
  return dialog('Display', ...rows, h('p', { class: 'hint' }, 'Kept in this browser only.'));
}

export function helpDialog() {
  return dialog('Keys', h('dl', { class: 'keys' }, ...KEYS.map(([keys, text]) =>
    h('div', {}, h('dt', {}, ...keys.split(' ').map((key) => h('kbd', {}, key))), h('dd', {}, text)))),
  h('p', { class: 'hint' }, 'Drag on the chart to look at a part of it.'));
}

/** @param {string} title @param {...Node} content */
function dialog(title, ...content) {
  const close = h('button', { type: 'button', class: 'icon-button', 'aria-label': 'Close', onclick: () => element.close() }, icon('close'));
  const element = h('dialog', { 'aria-label': title }, h('header', {}, h('h2', {}, title), close), ...content);
  element.addEventListener('click', (event) => event.target === element && element.close());
  return element;
}
