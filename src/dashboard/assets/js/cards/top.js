// @ts-check
// Who takes the most: sites, applications, protocols. What the list leaves out is its last row; of a
// list that is whole that is what belongs to no connection.

import { give, h, say } from '../dom.js';
import { aboutOwners, aboutSource, whole } from '../names.js';
import { panel } from '../parts.js';
import { pref } from '../prefs.js';
import { drawBar, drawName, table } from '../table.js';
import { clean, count, joined, rate, volume } from '../units.js';

/** @typedef {import('../../../shapes').Named & {rest?: boolean, now?: number}} Row */
/** @typedef {import('../../../shapes').Tunnel} Tunnel */

/** @param {{title: string, note: string, column: string, none: string, most: number, more?: import('../table.js').Column<Row>[], entire?: (row: Row) => string, tag?: (row: Row) => {tag?: string, about?: string}}} options */
export function topCard({ title, note, column, none, most, more = [], entire = whole, tag = sourced }) {
  const card = panel({ title, note });
  const bytes = (/** @type {number} */ value) => joined(volume(value, pref('volume')));
  const list = table({ caption: `${title}, ${note}`, order: 'Total', columns: /** @type {import('../table.js').Column<Row>[]} */ ([
    { label: column, kind: 'name', sort: (row) => row.shown ?? row.name, draw: (cell, row, rows) => {
      drawName(cell, row.shown ?? row.name, { title: entire(row), ...tag(row) });
      drawBar(cell, row, Math.max(1, ...rows.map(total)));
    } },
    ...more,
    { label: 'In', kind: 'number minor', sort: (row) => row.bytes_in, text: (row) => bytes(row.bytes_in), title: (row) => `${count(row.bytes_in)} bytes` },
    { label: 'Out', kind: 'number minor', sort: (row) => row.bytes_out, text: (row) => bytes(row.bytes_out), title: (row) => `${count(row.bytes_out)} bytes` },
    { label: 'Total', kind: 'number', sort: total, text: (row) => bytes(total(row)), title: (row) => `${count(total(row))} bytes` },
  ]) });
  card.body.append(list.element);
  return {
    ...card,
    /** @param {import('../../../shapes').Top} top */
    set(top) {
      const other = /** @type {Row} */ ({ name: top.items.length < most ? 'in no connection' : 'everything else', bytes_in: 0, bytes_out: 0, ...top.other, rest: true });
      if (!top.items.length && !total(other)) return card.empty(none);
      card.ready();
      list.set(top.items, total(other) ? [other] : []);
    },
  };
}

/** @param {{bytes_in: number, bytes_out: number}} row */
const total = (row) => row.bytes_in + row.bytes_out;

/** How a name is known. @param {Row} row */
const sourced = (row) => ({ tag: row.source === 'address' ? undefined : row.source, about: aboutSource(row.source) });

/** What the rates of applications are told by: a name may stand for several paths. @param {Row} row */
const key = (row) => `${row.name}\n${row.path ?? ''}`;

/** A name and where its program lies. @param {Row} row */
const placed = (row) => (row.path ? `${whole(row)} – ${clean(row.path)}` : whole(row));

/** Applications, with what they do now and what `unknown` means. @param {number} most */
export function applicationsCard(most) {
  const card = topCard({ title: 'Applications', note: 'most bytes first', column: 'Application', none: 'No application in this range.', most, entire: placed, tag: (row) => carrying(row, tunnels), more: [
    { label: 'Now', kind: 'number minor', sort: (row) => row.now ?? 0, text: (row) => (row.now ? joined(rate(row.now, pref('rate'))) : ''), title: (row) => (row.now ? 'over the last five seconds' : undefined) },
  ] });
  const reason = h('p', { class: 'hint' });
  const unknown = h('details', { class: 'as-table', hidden: true }, h('summary', {}, 'What is “unknown”?'),
    h('p', { class: 'hint' }, 'Connections for which no program could be found: it was gone before anybody could look, belongs to another machine, or may not be looked at.'), reason,
    h('p', { class: 'hint' }, 'What helps on this machine is told by ', h('code', {}, 'netmonitor doctor'), '.'));
  const carried = h('ul', { class: 'hint carried', 'aria-label': 'Tunnels', hidden: true });
  card.body.append(carried, unknown);
  let tunnels = /** @type {Tunnel[]} */ ([]);
  let lately = /** @type {Map<string, number>} */ (new Map());
  let held = /** @type {import('../../../shapes').Top | undefined} */ (undefined);
  const draw = () => {
    if (!held) return;
    unknown.hidden = !held.items.some((row) => row.name === 'unknown');
    card.set({ ...held, items: held.items.map((row) => ({ ...row, now: lately.get(key(row)) })) });
    drawTunnels(carried, tunnels, held.items);
  };
  return {
    ...card,
    /** @param {import('../../../shapes').Top} top @param {Tunnel[]} [through] */
    set(top, through = []) {
      [held, tunnels] = [top, through];
      draw();
    },
    /** @param {import('../../../shapes').Named[]} items @param {number} seconds that they are of */
    now(items, seconds) {
      lately = new Map(items.map((row) => [key(row), total(row) / seconds]));
      draw();
    },
    /** @param {import('../../../shapes').Owners} status */
    owners: (status) => say(reason, aboutOwners(status)),
  };
}

/** What an application's bytes are where it carries tunnels. @param {Row} row @param {Tunnel[]} tunnels */
function carrying(row, tunnels) {
  const names = tunnels.filter((one) => row.overhead && one.carrier === row.name).map((one) => clean(one.interface));
  return names.length ? { tag: `overhead of ${names.join(', ')}`, about: 'It carries the tunnel: what went through it counts for the applications that it is of, and this is the rest.' } : {};
}

/** A line a tunnel: who carries it, what went through, and what that cost. @param {HTMLElement} list @param {Tunnel[]} tunnels @param {Row[]} items */
function drawTunnels(list, tunnels, items) {
  const bytes = (/** @type {number} */ value) => joined(volume(value, pref('volume')));
  give(list, 'hidden', !tunnels.length);
  while (list.children.length > tunnels.length) list.lastElementChild?.remove();
  tunnels.forEach((one, i) => {
    const row = items.find((item) => item.overhead && item.name === one.carrier);
    const rest = [`${bytes(total(one.payload))} of payload`, row?.overhead && `${bytes(total(row.overhead))} of overhead`,
      total(one.uncarried) && `${bytes(total(one.uncarried))} not seen to be carried`].filter(Boolean);
    const line = list.children[i] ?? list.appendChild(h('li'));
    const text = `${clean(one.interface)}, carried by ${clean(one.carrier)}: ${rest.join(', ')}`;
    say(line, text);
    give(line, 'title', `${count(total(one.payload))} bytes went through ${clean(one.interface)} and count for the applications that they are of`);
  });
}
