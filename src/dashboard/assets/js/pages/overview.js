// @ts-check
// The Overview: what runs now, what ran in the range, who it was, and how far to trust it.

import { classesCard } from '../cards/classes.js';
import { coverageCard, lossCard, partial } from '../cards/coverage.js';
import { interfacesCard } from '../cards/interfaces.js';
import { ratesCard } from '../cards/rates.js';
import { applicationsCard, topCard } from '../cards/top.js';
import { totalsCard } from '../cards/totals.js';
import { h } from '../dom.js';
import { age, live } from '../live.js';
import { button } from '../parts.js';
import { pref } from '../prefs.js';
import { keyOf, period, PRESETS, wider } from '../range.js';
import { fromLive, fromTimeline, rates } from '../series.js';
import { sources } from '../sources.js';
import { full, instant } from '../times.js';

const SLOW_MS = 10000;
/** Lines of a list of the most. */
const TOP = 10;
/** Older than this, a rate is no longer "now". */
const FRESH_S = 6;
/** What an application does now is its mean over so many seconds, asked for so often. */
const LATELY_S = 5;
const LATELY_MS = 2000;
const MOST_LATELY = 100;

/** @param {import('../shell.js').Context} context */
export function overview(context) {
  const back = button('Back to live', () => context.go({ range: PRESETS[0].range }), { hidden: true }, 'zoom');
  const cards = {
    totals: totalsCard(),
    rates: ratesCard((from, to) => context.go({ range: { kind: 'fixed', from, to } }), [back]),
    sites: topCard({ title: 'Sites', note: 'most bytes first', column: 'Site', none: 'No site in this range.', most: TOP }),
    applications: applicationsCard(TOP),
    protocols: topCard({ title: 'Protocols', note: 'by IP protocol', column: 'Protocol', none: 'No traffic in this range.', most: TOP }),
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
  const asked = sources(questions(context, cards, empty));
  const draw = (figures = false) => drawTraffic(context, cards, asked.held.timeline, figures);
  return {
    title: 'Overview',
    ranged: true,
    stop() {
      asked.stop();
      cards.rates.stop();
    },
    show() {
      back.hidden = context.view().range.kind !== 'fixed';
      delete asked.held.timeline;
      asked.again('timeline', 'stats', 'summary', 'classes');
    },
    reconnected: () => asked.again('timeline'),
    /** @param {import('../../../shapes').Second} second */
    second(second) {
      draw(context.view().range.kind !== 'live');
      cards.totals.flows(second.flows, asked.held.stats?.flows_opened ?? 0);
      cards.interfaces.second(second);
    },
    redraw() {
      cards.rates.redraw();
      asked.refill();
      draw();
    },
    /** Without news the window moves on all the same. */
    aged: () => (live.phase !== 'open' || age(context.now()) > FRESH_S) && draw(true),
  };
}

/** @param {import('../shell.js').Context} context @param {any} cards @param {HTMLElement} empty */
function questions(context, cards, empty) {
  const slow = () => SLOW_MS;
  const fast = () => period(context.view().range, context.now());
  const ranged = () => ({ ...span(context), interface: context.view().interfaces });
  return {
    timeline: {
      path: '/api/stats/timeline', params: () => ({ ...ranged(), step: context.bounds().step }), cards: [cards.rates],
      every: () => (context.view().range.kind === 'live' ? 0 : fast()),
      show: (/** @type {any} */ answer) => drawTraffic(context, cards, answer),
    },
    stats: { path: '/api/stats', params: ranged, every: fast, cards: [cards.loss], show: (/** @type {any} */ answer) => showStats(context, cards, empty, answer) },
    summary: {
      path: '/api/stats/summary', params: () => ({ ...ranged(), limit: TOP }), every: fast, cards: [cards.sites, cards.applications, cards.protocols],
      show(/** @type {any} */ answer) {
        cards.sites.set(answer.sites);
        cards.applications.set(answer.applications, answer.tunnels);
        cards.protocols.set(answer.protocols);
      },
    },
    classes: { path: '/api/classes', params: ranged, every: fast, cards: [cards.classes], show: (/** @type {any} */ answer) => cards.classes.set(answer.items) },
    coverage: {
      path: '/api/coverage', every: slow, cards: [cards.coverage],
      show(/** @type {any} */ answer) {
        cards.coverage.set(answer);
        context.filtered(answer.filter);
      },
    },
    owners: {
      path: '/api/owners', every: slow, cards: [],
      show(/** @type {any} */ answer) {
        cards.coverage.owners(answer);
        cards.applications.owners(answer);
      },
    },
    lately: {
      path: '/api/stats/summary', params: () => ({ ...lately(context), interface: context.view().interfaces, limit: MOST_LATELY }), cards: [],
      every: () => (context.view().range.kind === 'live' ? LATELY_MS : slow()),
      show: (/** @type {any} */ answer) => cards.applications.now(answer.applications.items, LATELY_S),
    },
    interfaces: { path: '/api/interfaces', every: slow, cards: [cards.interfaces], show: (/** @type {any} */ answer) => cards.interfaces.set(answer.items) },
  };
}

/** Whole seconds: the range as the API is asked for it. @param {any} context */
function span(context) {
  const { from, to } = context.bounds();
  return { from: Math.floor(from), to: Math.ceil(to) };
}

/** The last seconds that were cut. @param {any} context */
function lately(context) {
  const to = live.last ? live.last.at_s + 1 : Math.floor(context.now()) - 3;
  return { from: to - LATELY_S, to };
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
