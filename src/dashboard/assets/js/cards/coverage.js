// @ts-check
// How far the figures can be trusted: counted against the interfaces' own counters, every loss by
// its kind, and how names and owners are known.

import { h, say } from '../dom.js';
import { aboutOwners, aboutRung, aboutSource, RUNG_ORDER, SOURCE_ORDER } from '../names.js';
import { facts, meter, panel, segmented } from '../parts.js';
import { pref } from '../prefs.js';
import { count, joined, percent, span, volume } from '../units.js';
import { attribution } from './attribution.js';

/** @typedef {import('../../../shapes').Share} Share */
/** @typedef {'minute' | 'hour' | 'day'} Window */

const WINDOWS = /** @type {const} */ ([['minute', 'Last minute'], ['hour', 'Last hour'], ['day', 'Last day']]);
const OWNERS = /** @type {const} */ ({ have: 'an owner', ratio: 'owned_ratio', bytes: 'by_owner', shares: 'owner_ratios', nobody: 'unknown', order: RUNG_ORDER, about: aboutRung });
const NAMES = /** @type {const} */ ({ have: 'a name', ratio: 'named_ratio', bytes: 'by_name', shares: 'name_ratios', nobody: 'address', order: SOURCE_ORDER, about: aboutSource });

export function coverageCard() {
  const choice = segmented('Coverage of', WINDOWS.map(([key, label]) => ({ key, label: label.slice(5), title: label })), (key) => choose(key));
  const card = panel({ title: 'Coverage', note: 'whose bytes, and what they talked to', actions: [choice.element] });
  const rows = WINDOWS.map(([key, label]) => ({ key, ...row(label) }));
  const [owners, names] = [attribution(OWNERS), attribution(NAMES)];
  const against = h('div', { class: 'side-by-side' }, ...rows.map((one) => one.element));
  const alone = h('p', { class: 'hint' }, 'Nothing to compare with: the interfaces carried nothing, their counters could not be read, or this is a file.');
  card.body.append(h('div', { class: 'halves' }, owners.element, names.element),
    h('h3', {}, 'Counted, against the interfaces’ own counters'), against, alone);
  let shown = /** @type {Window} */ ('hour');
  let held = /** @type {import('../../../shapes').Coverage | undefined} */ (undefined);
  const draw = () => {
    choice.set(shown);
    for (const one of [owners, names]) one.set(held?.[shown], `last ${shown}`);
  };
  const choose = (/** @type {Window} */ key) => {
    shown = key;
    draw();
  };
  return {
    ...card,
    /** @param {import('../../../shapes').Coverage} coverage */
    set(coverage) {
      held = coverage;
      card.ready();
      against.hidden = !WINDOWS.some(([key]) => typeof coverage[key]?.ratio === 'number');
      alone.hidden = !against.hidden;
      rows.forEach((one) => one.set(coverage[one.key]));
      draw();
    },
    /** @param {import('../../../shapes').Owners} status */
    owners: (status) => say(owners.hint, aboutOwners(status)),
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
