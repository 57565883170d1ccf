// @ts-check
// How far the figures can be trusted: counted against the interfaces' own counters, every loss by
// its kind, and how names and owners are known.

import { h, say } from '../dom.js';
import { aboutSource } from '../names.js';
import { facts, meter, panel } from '../parts.js';
import { pref } from '../prefs.js';
import { count, joined, percent, span, volume } from '../units.js';

/** @typedef {import('../../../shapes').Share} Share */

const WINDOWS = /** @type {const} */ ([['minute', 'Last minute'], ['hour', 'Last hour'], ['day', 'Last day']]);

export function coverageCard() {
  const card = panel({ title: 'Coverage', note: 'counted, against the interfaces’ own counters' });
  const rows = WINDOWS.map(([key, label]) => ({ key, ...row(label) }));
  const names = facts();
  const owners = facts();
  const named = h('b');
  const against = h('div', { class: 'side-by-side' }, ...rows.map((one) => one.element));
  const alone = h('p', { class: 'hint' }, 'Nothing to compare with: the interfaces carried nothing, their counters could not be read, or this is a file.');
  card.body.append(against, alone,
    h('div', { class: 'side-by-side' },
      h('div', {}, h('h3', { class: 'cover-head' }, h('span', {}, 'Names by source, last hour'), named), names.element),
      h('div', {}, h('h3', {}, 'Owners by source, last hour'), owners.element)));
  return {
    ...card,
    /** @param {import('../../../shapes').Coverage} coverage */
    set(coverage) {
      card.ready();
      against.hidden = !WINDOWS.some(([key]) => typeof coverage[key]?.ratio === 'number');
      alone.hidden = !against.hidden;
      rows.forEach((one) => one.set(coverage[one.key]));
      say(named, has(coverage.hour?.by_name));
      names.set(shares(coverage.hour?.by_name, aboutSource));
      owners.set(shares(coverage.hour?.by_owner));
    },
  };
}

/** @param {string} label */
function row(label) {
  const [value, bar, hint] = [h('b'), meter('good'), h('p', { class: 'hint' })];
  const element = h('div', { class: 'cover' }, h('p', { class: 'cover-head' }, h('span', {}, label), value), bar.element, hint);
  return {
    element,
    /** @param {Partial<Share> | undefined} share */
    set(share) {
      const bytes = (/** @type {number | undefined} */ n) => joined(volume(n ?? 0, pref('volume')));
      const known = typeof share?.ratio === 'number';
      say(value, known ? percent(share?.ratio ?? 0) : 'not known');
      bar.set(known ? (share?.ratio ?? 0) : 0);
      say(hint, known ? `${bytes(share?.counted_bytes)} of ${bytes(share?.interface_bytes)}` : 'nothing was carried, or the counters could not be read');
    },
  };
}

/** How much has a name. @param {Record<string, number> | undefined} parts */
function has(parts = {}) {
  const sum = Object.values(parts).reduce((total, bytes) => total + bytes, 0);
  return sum ? `${percent(1 - (parts.address ?? 0) / sum)} named` : '';
}

/** @param {Record<string, number> | undefined} parts @param {(word: string) => string | undefined} [about] */
function shares(parts, about) {
  const all = Object.entries(parts ?? {}).sort((a, b) => b[1] - a[1]);
  const sum = all.reduce((total, [, bytes]) => total + bytes, 0) || 1;
  return all.map(([term, bytes]) => ({ term, about: about?.(term), value: percent(bytes / sum), share: bytes / sum, title: `${count(bytes)} bytes in the last hour` }));
}

export function lossCard() {
  const card = panel({ title: 'Loss', note: 'in this range; what is lost is named, never guessed' });
  const list = facts();
  const rest = facts();
  const restHead = h('h3', {}, 'Counted, but in no connection');
  card.body.append(list.element, restHead, rest.element);
  return {
    ...card,
    /** @param {import('../../../shapes').Stats} stats */
    set(stats) {
      card.ready();
      list.set(kinds(stats));
      rest.set(stats.unflowed.map((one) => ({
        term: one.reason, value: joined(volume(one.bytes_in + one.bytes_out, pref('volume'))), title: `${count(one.packets_in + one.packets_out)} frames`,
      })));
      restHead.hidden = !stats.unflowed.length;
    },
  };
}

/** @param {import('../../../shapes').Stats} stats */
function kinds(stats) {
  const { loss } = stats;
  return [
    fact('Dropped by the kernel', loss.kernel_packets, 'the capture ring was full'),
    fact('Dropped by the interface', loss.interface_packets, 'the device or its driver gave up frames'),
    fact('Dropped before decoding', loss.ring_packets, `the workers fell behind; ${count(loss.ring_bytes)} bytes`),
    { ...fact('Not watched', loss.gap_ms, 'an interface was away, or the monitor was down; what was before the history began does not count'), value: loss.gap_ms ? span(loss.gap_ms / 1000) : 'none' },
    fact('Late frames', stats.late_frames, 'counted, though in an older second than their own', ''),
    fact('Frames without a usable time', stats.untimed_frames, 'counted in the second they came', ''),
  ];
}

/** @param {string} term @param {number} n @param {string} title @param {string} [tone] of what is not none */
const fact = (term, n, title, tone = 'bad') => ({ term, value: n ? count(n) : 'none', tone: n ? tone : 'good', title });

/** In one sentence what was lost; empty if nothing was. @param {import('../../../shapes').Loss} loss */
export function partial(loss) {
  const frames = loss.kernel_packets + loss.interface_packets + loss.ring_packets;
  return [frames && `${count(frames)} frames lost`, loss.gap_ms && `${span(loss.gap_ms / 1000)} not watched`].filter(Boolean).join(', ');
}
