// @ts-check
// History: a period of the calendar, how it compares with the one before, who it was, and what
// happened at any second of it.

import { atCard } from '../cards/at.js';
import { heatmapCard } from '../cards/heatmap.js';
import { pastCard } from '../cards/past.js';
import { periodsCard } from '../cards/periods.js';
import { topCard } from '../cards/top.js';
import { give, h, icon, say } from '../dom.js';
import { button, segmented, tile } from '../parts.js';
import { against, called, coarser, cycleDay, fromPast, periodOf, PERIODS } from '../past.js';
import { pref } from '../prefs.js';
import { sources } from '../sources.js';
import { instant, minute } from '../times.js';
import { count, joined, rate, span, volume } from '../units.js';

const TOP = 10;
const EVERY_MS = 5000;
const SLOW_MS = 30000;
const HEAT_S = 28 * 86400;

/** @typedef {import('../../../shapes').Period} Period */

/** @param {import('../shell.js').Context} context */
export function history(context) {
  const past = (/** @type {import('../../../shapes').Past} */ change) => context.go({ past: { ...context.view().past, ...change } });
  const cards = {
    past: pastCard((at) => past({ look: String(at) })),
    at: atCard(() => past({ look: undefined })),
    applications: topCard({ title: 'Applications', note: 'most bytes first', column: 'Application', none: 'No application then.', most: TOP }),
    sites: topCard({ title: 'Sites', note: 'most bytes first', column: 'Site', none: 'No site then.', most: TOP }),
    periods: periodsCard((at) => past({ at: String(at) })),
    heatmap: heatmapCard(),
  };
  const tiles = { in: tile('In', 'in'), out: tile('Out', 'out'), busy: tile('95th percentile'), gap: tile('Not watched') };
  for (const [name, card] of Object.entries(cards)) card.element.dataset.card = name;
  for (const card of [cards.applications, cards.sites, cards.periods, cards.heatmap]) card.element.classList.add('w6');
  const bar = controls(context, past);
  const element = h('div', { class: 'grid history' }, bar.element,
    h('div', { class: 'tiles' }, ...Object.values(tiles).map((one) => one.element)),
    cards.past.element, cards.at.element, cards.applications.element, cards.sites.element, cards.periods.element, cards.heatmap.element);
  return { element, ...behaviour(context, cards, tiles, bar) };
}

/** Which period: its kind, and one earlier or later. @param {import('../shell.js').Context} context @param {(change: import('../../../shapes').Past) => void} past */
function controls(context, past) {
  const kinds = segmented('Period', PERIODS.map(({ key, label }) => ({ key, label })), (key) => past({ period: key }));
  const step = (/** @type {'earlier' | 'later'} */ symbol, /** @type {string} */ label) => h('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label }, icon(symbol));
  const [earlier, later] = [step('earlier', 'Earlier'), step('later', 'Later')];
  const name = h('h2', { class: 'period-name', 'aria-live': 'polite' }, '…');
  const now = button('Now', () => past({ at: undefined }));
  const day = h('input', { type: 'number', min: '1', max: '28', 'aria-label': 'Day of the month on which a cycle begins' });
  day.addEventListener('change', () => past({ cycle_day: String(cycleDay({ cycle_day: day.value })) }));
  const field = h('label', { class: 'cycle-day' }, 'begins on day', day);
  let shown = /** @type {Period | null} */ (null);
  earlier.addEventListener('click', () => shown && past({ at: String((instant(shown.from) ?? 0) - 1) }));
  later.addEventListener('click', () => shown && past({ at: String(instant(shown.to)) }));
  return {
    element: h('div', { class: 'period-bar' }, h('div', { class: 'picker' }, kinds.element), field, h('div', { class: 'period-step' }, earlier, name, later, now)),
    /** @param {import('../../../shapes').Past} chosen */
    choose(chosen) {
      kinds.set(periodOf(chosen).key);
      give(field, 'hidden', periodOf(chosen).key !== 'billing');
      day.value = String(cycleDay(chosen));
      give(now, 'hidden', !chosen.at);
    },
    /** @param {Period} period @param {string} cycle */
    set(period, cycle) {
      shown = period;
      say(name, called(cycle, period, (at) => minute(at, pref('zone'))));
      give(later, 'disabled', (instant(period.to) ?? 0) > context.now());
    },
  };
}

/** @param {import('../shell.js').Context} context @param {any} cards @param {Record<string, ReturnType<typeof tile>>} tiles @param {ReturnType<typeof controls>} bar */
function behaviour(context, cards, tiles, bar) {
  const state = { period: /** @type {Period | null} */ (null), cycle: '', key: '', step: /** @type {number | string | undefined} */ (undefined) };
  let rest = /** @type {any} */ (null);
  const periods = sources({ periods: {
    path: '', cards: [cards.periods, cards.past], every: () => pace(context),
    route: () => `/api/historical/${periodOf(context.view().past).path}`,
    params: () => asked(context),
    show(/** @type {import('../../../shapes').Periods} */ answer) {
      const [last, period] = answer.items.length > 1 ? answer.items.slice(-2) : [undefined, answer.items[0]];
      const key = JSON.stringify([period.from, period.to, context.view().interfaces]);
      const fresh = key !== state.key;
      Object.assign(state, { period, cycle: answer.cycle, key, ...(fresh && { step: undefined }) });
      bar.set(period, answer.cycle);
      cards.periods.set(answer);
      showFigures(tiles, [period, last], answer.cycle, context.now());
      if (!rest) rest = sources(questions(context, cards, tiles, state, () => rest.again('timeline')));
      else if (fresh) rest.again('timeline', 'summary', 'heatmap', 'percentile');
    },
  } });
  const look = sources({ at: {
    path: '/api/at', cards: [cards.at], every: () => 0,
    params: () => (context.view().past.look ? { ts: context.view().past.look, interface: context.view().interfaces } : null),
    show: cards.at.set,
  } });
  let before = '';
  let looked = { at: /** @type {string | undefined} */ (undefined), interfaces: '' };
  return {
    title: 'History',
    ranged: false,
    narrowed: true,
    stop() {
      periods.stop();
      rest?.stop();
      look.stop();
      cards.past.stop();
    },
    show() {
      const { past, interfaces } = context.view();
      const { look: at, ...choice } = past;
      bar.choose(past);
      give(cards.at.element, 'hidden', !at);
      const chosen = JSON.stringify([choice, interfaces]);
      if (chosen !== before) periods.again('periods');
      before = chosen;
      const asked = { at, interfaces: JSON.stringify(interfaces) };
      if (at && (at !== looked.at || asked.interfaces !== looked.interfaces)) {
        cards.at.wait();
        look.again('at');
      }
      if (at && at !== looked.at) cards.at.element.scrollIntoView({ block: 'nearest' });
      looked = asked;
    },
    second() {},
    aged() {},
    reconnected: () => periods.again('periods'),
    redraw() {
      cards.past.redraw();
      periods.refill();
      rest?.refill();
      look.refill();
    },
  };
}

/** What is longer changes less. @param {import('../shell.js').Context} context */
const pace = (context) => (['hour', 'day'].includes(periodOf(context.view().past).key) ? EVERY_MS : SLOW_MS);

/** Periods up to the one that is meant. @param {import('../shell.js').Context} context */
function asked(context) {
  const { past, interfaces } = context.view();
  const kind = periodOf(past);
  const at = Number(past.at);
  return { to: Math.floor(at > 0 ? Math.min(at, context.now()) : context.now()) + 1, limit: kind.many, interface: interfaces, ...(kind.key === 'billing' && { cycle_day: cycleDay(past) }) };
}

/** @param {import('../shell.js').Context} context @param {any} cards @param {Record<string, ReturnType<typeof tile>>} tiles @param {{period: Period | null, cycle: string, step?: number | string}} state @param {() => void} again asks for the timeline once more */
function questions(context, cards, tiles, state, again) {
  const bounds = () => {
    const [from, to] = [instant(state.period?.from) ?? 0, instant(state.period?.to) ?? 0];
    return { from, to: Math.max(from + 1, Math.min(to, Math.floor(context.now()) + 1)), interface: context.view().interfaces };
  };
  const fast = () => (state.period?.over ? 0 : pace(context));
  const slow = () => (state.period?.over ? 0 : SLOW_MS);
  return {
    timeline: {
      path: '/api/stats/timeline', cards: [cards.past], every: fast,
      params: () => ({ ...bounds(), step: state.step ?? periodOf({ period: state.cycle }).steps[0] }),
      show(/** @type {import('../../../shapes').Timeline} */ answer) {
        const step = coarser(state.cycle, answer);
        if (step) {
          state.step = step;
          return again();
        }
        const frame = { from: instant(state.period?.from) ?? 0, to: instant(state.period?.to) ?? 0 };
        const when = state.period ? called(state.cycle, state.period, (at) => minute(at, pref('zone'))) : '';
        cards.past.set(fromPast(answer, context.now()), frame, when, missing(answer.missing));
      },
    },
    summary: {
      path: '/api/stats/summary', cards: [cards.applications, cards.sites], every: fast, params: () => ({ ...bounds(), limit: TOP }),
      show(/** @type {import('../../../shapes').Summary} */ answer) {
        cards.applications.set(answer.applications);
        cards.sites.set(answer.sites);
      },
    },
    heatmap: {
      path: '/api/historical/heatmap', cards: [cards.heatmap], every: slow,
      params() {
        const range = bounds();
        return { ...range, from: Math.min(range.from, range.to - HEAT_S) };
      },
      show: cards.heatmap.set,
    },
    percentile: {
      path: '/api/stats/percentile', cards: [], every: slow,
      params: bounds,
      show: (/** @type {import('../../../shapes').Percentile} */ answer) => showPercentile(tiles.busy, answer),
    },
  };
}

/** What is left only in sums that are too long to be drawn. @param {import('../../../shapes').Span[]} spans */
function missing(spans) {
  const seconds = spans.reduce((sum, one) => sum + (instant(one.to) ?? 0) - (instant(one.from) ?? 0), 0);
  return seconds ? ` · of ${span(seconds)}, only longer sums are left` : '';
}

/** @param {Record<string, ReturnType<typeof tile>>} tiles @param {[Period, Period | undefined]} periods this one and the one before @param {string} cycle @param {number} now */
function showFigures(tiles, [period, last], cycle, now) {
  const one = periodOf({ period: cycle }).one;
  for (const side of /** @type {const} */ (['in', 'out'])) {
    const way = side === 'in' ? 'bytes_in' : 'bytes_out';
    const { counts, compared } = period;
    const before = compared && joined(volume(compared.before[way], pref('volume')));
    tiles[side].set(counts ? volume(counts[way], pref('volume')) : null, against(period, last, way, one),
      before ? `${before} in the ${one} before${period.over ? '' : ', as far into it'}` : '');
  }
  const ahead = Math.max(0, (instant(period.to) ?? 0) - now);
  const unwatched = period.gap_ms / 1000 + Math.max(0, period.unknown_s - Math.ceil(ahead) - 5);
  const figure = span(unwatched).split(/\u00a0| /);
  tiles.gap.set({ value: figure[0], unit: figure.slice(1).join(' ') }, period.lost_packets ? `${count(period.lost_packets)} frames lost` : 'no frames lost');
}

/** @param {ReturnType<typeof tile>} shown @param {import('../../../shapes').Percentile} answer */
function showPercentile(shown, answer) {
  const { bytes_in_per_s: into, bytes_out_per_s: out } = answer;
  const coarse = answer.coarse_slots ? `, ${count(answer.coarse_slots)} of them known as means of hours or days` : '';
  shown.set(into === null ? null : rate(into, pref('rate')), `in; out ${joined(rate(out ?? 0, pref('rate')))}`,
    `95 of 100 means of five minutes lie at or below it: ${count(answer.slots)} means${coarse}, ${count(answer.unwatched_slots)} not watched`);
}
