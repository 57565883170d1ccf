// @ts-check
// The live stream: one event a second, read by a streaming fetch that can bear the token.
// Holds the last quarter of an hour. When the stream breaks it tries again, ever more slowly, and
// says so; a hidden tab lets it go, since a browser has six connections to a host and no more.

import { request, Problem } from './api.js';
import { both } from './series.js';
import { SseParser } from './sse.js';
import { instant } from './times.js';

/** @typedef {import('../../shapes').Second} Second */

const KEEP_S = 900;
const SILENCE_MS = 25000;
const HIDDEN_MS = 30000;
const LONGEST_WAIT_MS = 15000;

/** Where the stream stands. `phase` is `connecting`, `open`, `down` or `off`. */
export const live = {
  phase: 'off',
  retryAt: 0,
  /** @type {Second | null} */ last: null,
  /** @type {number | null} seconds since 1970 */ committed: null,
  /** @type {Map<number, Second>} by second */ seconds: new Map(),
};

const listeners = { second: new Set(), phase: new Set() };
/** @type {AbortController | null} */
let running = null;
/** @type {string[]} */
let interfaces = [];
let hurry = () => {};

/** @param {(second: Second) => void} listener */
export const onSecond = (listener) => void listeners.second.add(listener);
/** @param {() => void} listener */
export const onPhase = (listener) => void listeners.phase.add(listener);

/** Reads the stream of these interfaces (none: the server's choice). @param {string[]} names */
export function connect(names) {
  if (running && names.join() === interfaces.join()) return;
  if (names.join() !== interfaces.join()) forget();
  interfaces = names;
  start();
}

/** Lets the stream go and forgets what it told. */
export function disconnect() {
  rest();
  forget();
}

function rest() {
  running?.abort();
  running = null;
  enter('off');
}

/** Tries now instead of waiting. */
export const retry = () => hurry();

/** Seconds since the newest one was over; `Infinity` before the first. @param {number} now */
export const age = (now) => (live.last ? now - live.last.at_s - 1 : Infinity);

function start() {
  running?.abort();
  running = new AbortController();
  run(running.signal);
}

/** @param {AbortSignal} signal */
async function run(signal) {
  for (let failures = 0; !signal.aborted; failures += 1) {
    enter(failures ? live.phase : 'connecting');
    try {
      await read(signal, () => (failures = 0));
    } catch (error) {
      if (signal.aborted || (error instanceof Problem && error.kind === 'unauthorised')) return;
    }
    if (!signal.aborted) await pause(failures);
  }
}

/** @param {AbortSignal} signal @param {() => void} heard */
async function read(signal, heard) {
  const silence = new AbortController();
  let watchdog = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const response = await request('/api/live', { interface: interfaces }, AbortSignal.any([signal, silence.signal]));
    enter('open');
    const parser = new SseParser();
    const text = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (let piece = await text?.read(); piece && !piece.done; piece = await text?.read()) {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => silence.abort(), SILENCE_MS);
      for (const event of parser.push(piece.value)) take(event, heard);
    }
  } finally {
    clearTimeout(watchdog);
  }
}

/** @param {{event: string, data: string}} event @param {() => void} heard */
function take(event, heard) {
  if (event.event !== 'second') return;
  /** @type {Second} */
  const second = JSON.parse(event.data);
  heard();
  remember(second);
  live.committed = instant(second.committed_through) ?? (second.provisional ? 0 : null);
  for (const listener of listeners.second) listener(second);
}

/** Keeps a second; one that the clock shows twice (another epoch) is added up, and as long as both. @param {Second} second */
function remember(second) {
  const before = live.seconds.get(second.at_s);
  live.seconds.delete(second.at_s);
  live.seconds.set(second.at_s, before && before.epoch !== second.epoch ? both(before, second) : second);
  live.last = second;
  for (const at of live.seconds.keys()) if (Math.abs(at - second.at_s) > KEEP_S) live.seconds.delete(at);
}

/** Waits 1, 2, 4 ... 15 s, a little at random, or until somebody is in a hurry. @param {number} failures */
function pause(failures) {
  const wait = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** failures) * (0.8 + 0.4 * Math.random());
  live.retryAt = Date.now() + wait;
  enter('down');
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, wait);
    hurry = () => {
      clearTimeout(timer);
      resolve(undefined);
    };
  });
}

/** @param {string} phase */
function enter(phase) {
  live.phase = phase;
  for (const listener of listeners.phase) listener();
}

function forget() {
  live.seconds.clear();
  live.last = null;
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let leaving;
document.addEventListener('visibilitychange', () => {
  clearTimeout(leaving);
  if (document.hidden) leaving = setTimeout(() => running && rest(), HIDDEN_MS);
  else if (!running && live.phase === 'off' && live.last) start();
});
