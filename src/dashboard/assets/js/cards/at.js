// @ts-check
// What happened at a second: who talked to whom, who did more or less than usual, what was new.

import { h } from '../dom.js';
import { button, panel } from '../parts.js';
import { pref } from '../prefs.js';
import { drawName, table } from '../table.js';
import { full, instant, minute } from '../times.js';
import { count, joined, volume } from '../units.js';

/** @typedef {import('../../../shapes').At} At */
/** @typedef {import('../../../shapes').Changed} Changed */
/** @typedef {import('../../../shapes').Talk} Talk */
/** @typedef {import('../../../shapes').Appeared} Appeared */

const bytes = (/** @type {number} */ value) => joined(volume(value, pref('volume')));
const signed = (/** @type {number} */ value) => `${value < 0 ? '−' : '+'}${bytes(Math.abs(value))}`;

/** @param {() => void} close */
export function atCard(close) {
  const card = panel({ title: 'What happened', note: ' ', actions: [button('Close', close, {}, 'close')] });
  card.ready();
  const said = h('p', { class: 'at-said' });
  const parts = {
    talks: part('Who talked to whom', talks()), applications: part('Applications that changed most', changes('Application')),
    sites: part('Sites that changed most', changes('Site')), newApps: part('New applications', fresh('Application')), newSites: part('New sites', fresh('Site')),
  };
  card.body.append(said, h('div', { class: 'halves' }, ...Object.values(parts).map((one) => one.element)));
  return {
    ...card,
    /** An answer is waited for. */
    wait: () => card.element.classList.add('loading'),
    /** @param {At} at */
    set(at) {
      card.ready();
      const when = instant(at.at) ?? 0;
      card.note(full(when, pref('zone')));
      said.replaceChildren(told('In this second', at.second), ' ', told('In its minute', at.minute));
      const fine = at.second.counts && at.second.talks.items.length > 0;
      const source = fine ? at.second : at.minute;
      parts.talks.set(`${fine ? 'In this second' : 'In its minute'}, most bytes first`, source.talks.items, 'Nothing is known of it.');
      const weeks = at.hour.weeks.length;
      const beside = weeks ? `${minute(instant(at.hour.from) ?? 0, pref('zone'))} – ${minute(instant(at.hour.to) ?? 0, pref('zone'))} beside ${weeks === 1 ? 'the same time of a week before' : `the median of the same time in ${weeks} weeks before`}` : '';
      const none = weeks ? 'No change.' : 'The same hour was not watched in the four weeks before.';
      parts.applications.set(beside, at.hour.applications.slice(0, 8), none);
      parts.sites.set(beside, at.hour.sites.slice(0, 8), none);
      parts.newApps.set('seen for the first time in this hour', at.new_applications.slice(0, 8), 'None.');
      parts.newSites.set('seen for the first time in this hour', at.new_sites.slice(0, 8), 'None.');
    },
  };
}

/** @param {string} what @param {import('../../../shapes').Around} around */
function told(what, around) {
  if (!around.counts) return h('span', {}, around.missing.length ? `${what}: nothing so fine is left.` : `${what} nothing was watched.`);
  const { bytes_in: into, bytes_out: out } = around.counts;
  const lost = around.lost_packets ? `, ${count(around.lost_packets)} frames lost` : '';
  return h('span', {}, `${what} `, h('b', {}, bytes(into)), ' in, ', h('b', {}, bytes(out)), ` out${lost}.`);
}

/** @template Row @param {string} title @param {{element: HTMLElement, set: (rows: Row[]) => void}} list */
function part(title, list) {
  const note = h('p', { class: 'hint' });
  const element = h('section', { 'aria-label': title }, h('h3', {}, title), note, list.element);
  return {
    element,
    /** @param {string} text @param {Row[]} rows @param {string} none */
    set(text, rows, none) {
      note.replaceChildren(rows.length ? text : none);
      list.element.hidden = !rows.length;
      list.set(rows);
    },
  };
}

function talks() {
  return table({ caption: 'Who talked to whom', columns: /** @type {import('../table.js').Column<Talk>[]} */ ([
    { label: 'Application', kind: 'name third', draw: (cell, row) => drawName(cell, row.application, { title: row.path ?? undefined }) },
    { label: 'Site', kind: 'name', draw: (cell, row) => drawName(cell, row.site_shown) },
    { label: 'Total', kind: 'number', text: (row) => bytes(row.bytes_in + row.bytes_out), title: (row) => `${count(row.bytes_in)} bytes in, ${count(row.bytes_out)} out` },
  ]) });
}

/** @param {string} column */
function changes(column) {
  return table({ caption: `${column}s that changed most`, columns: /** @type {import('../table.js').Column<Changed>[]} */ ([
    { label: column, kind: 'name', draw: (cell, row) => drawName(cell, row.shown, { title: row.path ?? undefined }) },
    { label: 'Now', kind: 'number minor', text: (row) => bytes(row.bytes) },
    { label: 'Usual', kind: 'number minor', text: (row) => bytes(row.usual_bytes) },
    { label: 'Change', kind: 'number', text: (row) => signed(row.change_bytes), title: (row) => `${bytes(row.bytes)}, usually ${bytes(row.usual_bytes)}` },
  ]) });
}

/** @param {string} column */
function fresh(column) {
  return table({ caption: `New ${column.toLowerCase()}s`, columns: /** @type {import('../table.js').Column<Appeared>[]} */ ([
    { label: column, kind: 'name', draw: (cell, row) => drawName(cell, row.shown, { title: row.path ?? undefined }) },
    { label: 'First seen', kind: 'number', text: (row) => full(instant(row.first_seen) ?? 0, pref('zone')) },
  ]) });
}
