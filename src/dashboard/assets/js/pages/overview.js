// @ts-check
// The Overview: what runs now, what ran in the range, who it was, and how far to trust it.

import { get } from '../api.js';
import { classesCard } from '../cards/classes.js';
import { coverageCard, lossCard, partial } from '../cards/coverage.js';
import { interfacesCard } from '../cards/interfaces.js';
import { ratesCard } from '../cards/rates.js';
import { topCard } from '../cards/top.js';
import { totalsCard } from '../cards/totals.js';
import { h } from '../dom.js';
import { age, live } from '../live.js';
import { button } from '../parts.js';
import { poll } from '../poll.js';
import { pref } from '../prefs.js';
import { keyOf, period, PRESETS, wider } from '../range.js';
import { fromLive, fromTimeline, rates } from '../series.js';
import { full, instant } from '../times.js';

const SLOW_MS = 10000;
/** Older than this, a rate is no longer "now". */
const FRESH_S = 6;

/** @param {import('../shell.js').Context} context */
export function overview(context) {
  const back = button('Back to live', () => context.go({ range: PRESETS[0].range }), { hidden: true }, 'zoom');
  const cards = {
    totals: totalsCard(),
    rates: ratesCard((from, to) => context.go({ range: { kind: 'fixed', from, to } }), [back]),
    sites: topCard({ title: 'Sites', note: 'most bytes first', column: 'Site', none: 'No site in this range.' }),
    applications: topCard({ title: 'Applications', note: 'most bytes first', column: 'Application', none: 'No application in this range.' }),
    protocols: topCard({ title: 'Protocols', note: 'by IP protocol', column: 'Protocol', none: 'No traffic in this range.' }),
    classes: classesCard(), coverage: coverageCard(), loss: lossCard(),
    interfaces: interfacesCard((name) => context.go({ interfaces: [name] })),
  };
  const empty = h('div', { class: 'notice', hidden: true, role: 'status' });
  const column = (/** @type {{element: HTMLElement}[]} */ ...stack) => h('div', { class: 'column w6' }, ...stack.map((card) => card.element));
  const element = h('div', { class: 'grid' }, cards.totals.element, empty, cards.rates.element,
    column(cards.sites, cards.loss), column(cards.applications, cards.protocols, cards.classes), cards.coverage.element, cards.interfaces.element);
  for (const [name, card] of Object.entries(cards)) card.element.dataset.card = name;
  return { element, ...behaviour(context, cards, empty, back) };
}

/** @param {import('../shell.js').Context} context @param {any} cards @param {HTMLElement} empty @param {HTMLElement} back */
function behaviour(context, cards, empty, back) {
  /** @type {Record<'timeline' | 'stats' | 'summary' | 'classes' | 'coverage' | 'interfaces', any>} */
  const held = { timeline: null, stats: null, summary: null, classes: null, coverage: null, interfaces: null };
  const fill = {
    timeline: () => drawTraffic(context, cards, held.timeline),
    stats: () => showStats(context, cards, empty, held.stats),
    summary: () => ['sites', 'applications', 'protocols'].forEach((name) => cards[name].set(held.summary[name])),
    classes: () => cards.classes.set(held.classes.items),
    coverage: () => { cards.coverage.set(held.coverage); context.filtered(held.coverage.filter); },
    interfaces: () => cards.interfaces.set(held.interfaces.items),
  };
  const fast = () => period(context.view().range, context.now());
  const ranged = () => ({ ...span(context), interface: context.view().interfaces });
  /** @param {keyof typeof held} name @param {string} path @param {() => object} params @param {() => number} every @param {string[]} shown */
  const source = (name, path, params, every, shown) => poll((signal) => get(path, params(), signal), (answer) => {
    held[name] = answer;
    fill[name]();
  }, (problem) => shown.forEach((card) => cards[card].loading() && cards[card].problem(problem)), every);
  const polls = [
    source('timeline', '/api/stats/timeline', () => ({ ...ranged(), step: context.bounds().step }), () => (context.view().range.kind === 'live' ? 0 : fast()), ['rates']),
    source('stats', '/api/stats', ranged, fast, ['loss']),
    source('summary', '/api/stats/summary', () => ({ ...ranged(), limit: 10 }), fast, ['sites', 'applications', 'protocols']),
    source('classes', '/api/classes', ranged, fast, ['classes']),
    source('coverage', '/api/coverage', () => ({}), () => SLOW_MS, ['coverage']),
    source('interfaces', '/api/interfaces', () => ({}), () => SLOW_MS, ['interfaces']),
  ];
  return {
    title: 'Overview',
    ranged: true,
    stop: () => { polls.forEach((one) => one.stop()); cards.rates.stop(); },
    /** The range or the filters changed. */
    show() {
      back.hidden = context.view().range.kind !== 'fixed';
      held.timeline = null;
      polls.slice(0, 4).forEach((one) => one.again());
    },
    /** Fills the hole that a broken stream left. */
    reconnected: () => polls[0].again(),
    /** @param {import('../../../shapes').Second} second */
    second(second) {
      if (context.view().range.kind === 'live') drawTraffic(context, cards, held.timeline);
      else if (held.timeline) drawTraffic(context, cards, held.timeline, true);
      cards.totals.flows(second.flows, held.stats?.flows_opened ?? 0);
      cards.interfaces.second(second);
    },
    /** Units, zone or theme changed. */
    redraw() {
      cards.rates.redraw();
      for (const name of /** @type {(keyof typeof held)[]} */ (Object.keys(held))) if (held[name]) fill[name]();
    },
    /** Without news the window moves on all the same. */
    aged: () => (live.phase !== 'open' || age(context.now()) > FRESH_S) && drawTraffic(context, cards, held.timeline, true),
  };
}

/** Whole seconds: the range as the API is asked for it. @param {any} context */
function span(context) {
  const { from, to } = context.bounds();
  return { from: Math.floor(from), to: Math.ceil(to) };
}

/** @param {any} context @param {any} cards @param {any} timeline @param {boolean} [figures] only the figures, not the chart */
function drawTraffic(context, cards, timeline, figures = false) {
  const { range } = context.view();
  const isLive = range.kind === 'live';
  if (isLive ? !timeline && !live.last : !timeline) return;
  const now = context.now();
  const end = Math.max(live.last?.at_s ?? 0, Math.floor(now) - 4);
  const committed = live.committed ?? instant(timeline?.committed_through);
  const series = isLive ? fromLive(live.seconds, timeline, end, range.seconds, committed) : fromTimeline(timeline, now, committed);
  cards.totals.rates(live.last && age(now) < FRESH_S ? rates(live.last) : null, series, range.kind === 'fixed');
  if (figures && !isLive) return;
  const frame = isLive ? { from: end - range.seconds + 1, to: end } : context.bounds();
  cards.rates.set(series, frame, told(range));
}

/** The range in words. @param {import('../../../shapes').Range} range */
function told(range) {
  if (range.kind === 'fixed') return `${full(range.from, pref('zone'))} – ${full(range.to, pref('zone'))}`;
  return PRESETS.find((preset) => preset.key === keyOf(range))?.long ?? '';
}

/** @param {any} context @param {any} cards @param {HTMLElement} empty @param {import('../../../shapes').Stats} stats */
function showStats(context, cards, empty, stats) {
  cards.totals.volume(stats);
  cards.totals.flows(live.last?.flows ?? null, stats.flows_opened);
  cards.loss.set(stats);
  context.partial(partial(stats.loss));
  const next = wider(context.view().range, context.now());
  empty.hidden = stats.packets_in + stats.packets_out > 0;
  empty.replaceChildren(h('span', {}, 'No traffic in this range.'), ...(next ? [button(`Show ${next.long}`, () => context.go({ range: next.range }))] : []));
}
