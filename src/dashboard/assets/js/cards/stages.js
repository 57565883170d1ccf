// @ts-check
// Latency of every stage, from the median to the worst, over a minute, an hour or the whole run. First
// the way of a packet, then the requests; what had nothing to do is only counted.

import { give, h, say, widen } from '../dom.js';
import { panel, segmented } from '../parts.js';
import { table } from '../table.js';
import { brief, count, duration, joined } from '../units.js';

/** @typedef {import('../../../shapes').Stage} Stage */
/** @typedef {'minute' | 'hour' | 'start'} Window */
/** @typedef {{name: string, about: string} & import('../../../shapes').Quantiles} Row */

const WAY = ['capture', 'ring_wait', 'decode_flow', 'names', 'tick', 'cut_to_commit', 'commit', 'job'];
const NONE = { count: 0, p50_ns: 0, p90_ns: 0, p99_ns: 0, p999_ns: 0, max_ns: 0 };

export function stagesCard() {
  /** @type {Window} */
  let chosen = 'minute';
  /** @type {Stage[]} */
  let held = [];
  const choice = segmented('Window', [
    { key: 'minute', label: 'Minute' }, { key: 'hour', label: 'Hour' }, { key: 'start', label: 'Since start' },
  ], (key) => { chosen = /** @type {Window} */ (key); draw(); });
  const card = panel({ title: 'Latency of every stage', note: ' ', actions: [choice.element] });
  const ends = { low: 1, high: 10 };
  const list = table({ caption: 'Latency of every stage', columns: columns(ends) });
  const idle = h('p', { class: 'hint' });
  card.body.append(list.element, idle);
  function draw() {
    choice.set(chosen);
    const rows = held.map((stage) => ({ ...NONE, ...stage[chosen], name: stage.name, about: stage.about }));
    decades(ends, rows);
    card.note(`logarithmic, ${joined(duration(ends.low))} to ${joined(duration(ends.high))}: dot p50, dark to p99, light to the worst`);
    const busy = rows.filter((row) => row.count);
    list.set(busy);
    const rest = rows.length - busy.length;
    say(idle, rest ? `${count(rest)} more had nothing to do.` : '');
  }
  return {
    ...card,
    /** @param {Stage[]} stages */
    set(stages) {
      held = [...stages].sort((a, b) => place(a) - place(b));
      if (!stages.length) return card.empty('Nothing was measured yet.');
      card.ready();
      draw();
    },
  };
}

/** @param {Stage} stage */
function place(stage) {
  const at = WAY.indexOf(stage.name);
  return at < 0 ? WAY.length : at;
}

/** @param {{low: number, high: number}} ends @returns {import('../table.js').Column<Row>[]} */
function columns(ends) {
  const at = (/** @type {string} */ label, /** @type {keyof import('../../../shapes').Quantiles} */ key, minor = '') => ({
    label, kind: `number ${minor}`, sort: (/** @type {Row} */ row) => row[key],
    text: (/** @type {Row} */ row) => (row.count ? joined(duration(row[key])) : '–'), title: (/** @type {Row} */ row) => `${count(row[key])} ns`,
  });
  return [
    { label: 'Stage', kind: 'stage-name', sort: (row) => row.name, draw: stage },
    { label: 'Spread', kind: 'spread minor', draw: (cell, row) => spread(cell, row, ends) },
    at('p50', 'p50_ns'), at('p90', 'p90_ns', 'minor'), at('p99', 'p99_ns'), at('p99.9', 'p999_ns', 'minor'), at('Max', 'max_ns'),
    { label: 'Count', kind: 'number minor', sort: (row) => row.count, text: (row) => brief(row.count), title: (row) => count(row.count) },
  ];
}

/** @param {HTMLTableCellElement} cell @param {Row} row */
function stage(cell, row) {
  if (!cell.firstChild) cell.append(h('span', { class: 'stage' }, h('b'), h('small')));
  const [name, about] = /** @type {Element} */ (cell.firstChild).children;
  const request = row.name.includes('/');
  say(name, request ? row.name : row.name.replaceAll('_', ' '));
  say(about, request ? '' : row.about);
  give(cell, 'title', row.about);
}

/** The whole powers of ten around all that is shown. @param {{low: number, high: number}} ends @param {Row[]} rows */
function decades(ends, rows) {
  const seen = rows.filter((row) => row.count);
  ends.low = 10 ** Math.floor(Math.log10(Math.max(1, Math.min(...seen.map((row) => row.p50_ns), 1e9))));
  ends.high = Math.max(ends.low * 10, 10 ** Math.ceil(Math.log10(Math.max(10, ...seen.map((row) => row.max_ns)))));
}

/** @param {HTMLTableCellElement} cell @param {Row} row @param {{low: number, high: number}} ends */
function spread(cell, row, ends) {
  if (!cell.firstChild) cell.append(h('span', { class: 'track', 'aria-hidden': 'true' }, h('i', { class: 'far' }), h('i', { class: 'near' }), h('i', { class: 'dot' })));
  const track = /** @type {HTMLElement} */ (cell.firstChild);
  track.hidden = !row.count;
  const place = (/** @type {number} */ ns) => Math.log(Math.max(ns, ends.low) / ends.low) / Math.log(ends.high / ends.low);
  const [far, near, dot] = /** @type {HTMLElement[]} */ ([...track.children]);
  const start = place(row.p50_ns);
  for (const [bar, end] of /** @type {[HTMLElement, number][]} */ ([[far, place(row.max_ns)], [near, place(row.p99_ns)], [dot, start]])) {
    bar.style.left = `${(start * 100).toFixed(2)}%`;
    if (bar !== dot) widen(bar, end - start);
  }
}
