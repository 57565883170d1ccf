// @ts-check
// Performance: netmonitor measured as hard as the network - its latencies, drops, queues, its own
// CPU, memory and file.

import { costCard } from '../cards/cost.js';
import { dropsCard, ringsCard } from '../cards/pipeline.js';
import { stagesCard } from '../cards/stages.js';
import { binary, decimal } from '../chart.js';
import { h } from '../dom.js';
import { age, live } from '../live.js';
import { tile } from '../parts.js';
import { pref } from '../prefs.js';
import { sources } from '../sources.js';
import { instant } from '../times.js';
import { brief, count, joined, percent, span, volume } from '../units.js';

const EVERY_MS = 5000;
const SHOWN_S = 300;

const bytes = (/** @type {number} */ n) => joined(volume(n, pref('volume')));
/** CPU milliseconds a second as percent of a core. @param {number} ms */
const cpu = (ms) => percent(ms / 1000);

/** @param {import('../shell.js').Context} context */
export function performance(context) {
  const volumes = () => (pref('volume') === 'iec' ? binary : decimal(1));
  const cards = {
    stages: stagesCard(),
    cpu: costCard({ title: 'CPU', note: 'user and system, of one core, since this page was opened', show: cpu, round: () => decimal(1), least: 5 }),
    memory: costCard({ title: 'Memory', note: 'resident, without the kernel’s capture rings', show: bytes, round: volumes, least: 1048576 }),
    flows: costCard({ title: 'Flows', note: 'live in the tables', show: brief, round: () => decimal(1), least: 10 }),
    file: costCard({ title: 'Store file', note: 'size on disk, since this page was opened', show: bytes, round: volumes, least: 1048576 }),
    rings: ringsCard(), drops: dropsCard(),
  };
  const tiles = { cpu: tile('CPU'), memory: tile('Memory'), flows: tile('Flows'), lag: tile('Commit lag'), file: tile('Store file'), drops: tile('Frames dropped') };
  const element = h('div', { class: 'grid' },
    h('div', { class: 'tiles six' }, ...Object.values(tiles).map((one) => one.element)),
    ...Object.values(cards).map((card) => card.element));
  return { element, ...behaviour(context, cards, tiles) };
}

/** @param {import('../shell.js').Context} context @param {any} cards @param {Record<string, ReturnType<typeof tile>>} tiles */
function behaviour(context, cards, tiles) {
  /** @type {Map<number, number>} */
  const file = new Map();
  const asked = sources(questions(context, cards, tiles, file));
  const charts = [cards.cpu, cards.memory, cards.flows, cards.file];
  const draw = () => showLive(cards, tiles, file, asked.held.status, context.now());
  return {
    title: 'Performance',
    ranged: false,
    stop() {
      asked.stop();
      charts.forEach((one) => one.stop());
    },
    show() {},
    reconnected() {},
    second: draw,
    aged: draw,
    redraw() {
      charts.forEach((one) => one.redraw());
      asked.refill();
      draw();
    },
  };
}

/** @param {import('../shell.js').Context} context @param {any} cards @param {Record<string, ReturnType<typeof tile>>} tiles @param {Map<number, number>} file */
function questions(context, cards, tiles, file) {
  const every = () => EVERY_MS;
  return {
    status: { path: '/api/config/daemon/status', every, cards: [cards.rings, cards.file], show: (/** @type {any} */ answer) => showStatus(answer, cards, tiles, file, context.now()) },
    latency: { path: '/api/latency', every, cards: [cards.stages], show: (/** @type {any} */ answer) => cards.stages.set(answer.stages) },
    interfaces: {
      path: '/api/interfaces', every, cards: [cards.drops],
      show(/** @type {any} */ answer) {
        cards.drops.set(answer.items);
        showDrops(tiles.drops, answer.items);
      },
    },
  };
}

/** @param {any} cards @param {Record<string, ReturnType<typeof tile>>} tiles @param {Map<number, number>} file @param {import('../../../shapes').Status | undefined} status @param {number} now */
function showLive(cards, tiles, file, status, now) {
  const second = live.last;
  if (!second) return;
  const of = (/** @type {(one: import('../../../shapes').Second) => number} */ pick) => new Map([...live.seconds].map(([at, one]) => [at, pick(one)]));
  cards.cpu.set(of((one) => one.cpu_ms / (one.width_s || 1)), second.at_s);
  cards.memory.set(of((one) => one.resident_bytes), second.at_s);
  cards.flows.set(of((one) => one.flows), second.at_s);
  if (file.size) cards.file.set(file, second.at_s);
  const fresh = age(now) < 6;
  const load = cpu(second.cpu_ms / (second.width_s || 1)).split('\u00a0');
  tiles.cpu.set(fresh ? { value: load[0], unit: '% of a core' } : null, recent(second.at_s));
  tiles.memory.set(fresh ? volume(second.resident_bytes, pref('volume')) : null, 'resident');
  tiles.flows.set(fresh ? { value: brief(second.flows), unit: 'live' } : null, status ? `of at most ${count(status.flows.max)}` : '');
}

/** The mean over what this page saw of the last minutes, and how long that is. @param {number} end */
function recent(end) {
  const seen = [...live.seconds.values()].filter((one) => one.at_s > end - SHOWN_S);
  const used = seen.reduce((sum, one) => sum + one.cpu_ms, 0);
  const passed = seen.reduce((sum, one) => sum + (one.width_s || 1), 0);
  return `${cpu(used / (passed || 1))} over ${span(Math.round(passed))}`;
}

/** @param {import('../../../shapes').Status} status @param {any} cards @param {Record<string, ReturnType<typeof tile>>} tiles @param {Map<number, number>} file @param {number} now */
function showStatus(status, cards, tiles, file, now) {
  const { store } = status;
  grow(file, Math.floor(now), store.file_bytes);
  cards.rings.set(status.rings);
  if (live.last) cards.file.set(file, Math.max(live.last.at_s, Math.floor(now)));
  tiles.file.set(volume(store.file_bytes, pref('volume')), growth(file));
  const committed = instant(store.committed_through);
  const waiting = ['nothing waits', '1 second waits'][store.pending_seconds] ?? `${count(store.pending_seconds)} seconds wait`;
  tiles.lag.set(committed === null ? null : { value: count(Math.max(0, Math.round(now - committed - 1))), unit: 's' }, store.degraded ?? waiting, 'from the newest second that survives a crash until now');
}

/** The file's size holds until the next look at it. @param {Map<number, number>} file @param {number} now @param {number} size */
function grow(file, now, size) {
  const newest = Math.max(0, ...file.keys());
  for (let at = newest + 1; newest && at < now; at += 1) if (now - newest < 15) file.set(at, file.get(newest) ?? size);
  file.set(now, size);
  for (const at of file.keys()) if (at < now - SHOWN_S) file.delete(at);
}

/** @param {Map<number, number>} file */
function growth(file) {
  const [first, last] = [Math.min(...file.keys()), Math.max(...file.keys())];
  if (last - first < 20) return 'on disk';
  const more = (file.get(last) ?? 0) - (file.get(first) ?? 0);
  return `${more < 0 ? '−' : '+'}${bytes(Math.abs(more))} in ${span(last - first)}`;
}

/** @param {ReturnType<typeof tile>} shown @param {import('../../../shapes').Interface[]} items */
function showDrops(shown, items) {
  const sum = items.reduce((all, { loss }) => all + loss.kernel_packets + loss.interface_packets + loss.ring_packets, 0);
  shown.set({ value: brief(sum), unit: '' }, 'since the start', `${count(sum)} frames`);
  shown.element.classList.toggle('bad', sum > 0);
}
