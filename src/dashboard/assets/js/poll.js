// @ts-check
// Asking again and again, politely: never two at once, not while paused or hidden.

import { Problem } from './api.js';

let paused = false;
/** @type {Set<() => void>} */
const sleepers = new Set();

/** @param {boolean} on */
export function pausePolls(on) {
  paused = on;
  if (!on) for (const wake of [...sleepers]) wake();
}

/**
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} ask
 * @param {(answer: T) => void} show
 * @param {(problem: Problem) => void} fail
 * @param {() => number} period in milliseconds; 0: once is enough
 * @returns {{again: () => void, stop: () => void}}
 */
export function poll(ask, show, fail, period) {
  let round = new AbortController();
  const again = () => {
    round.abort();
    round = new AbortController();
    repeat(ask, show, fail, period, round.signal);
  };
  again();
  return { again, stop: () => round.abort() };
}

/**
 * @param {(signal: AbortSignal) => Promise<any>} ask
 * @param {(answer: any) => void} show
 * @param {(problem: Problem) => void} fail
 * @param {() => number} period
 * @param {AbortSignal} signal
 */
async function repeat(ask, show, fail, period, signal) {
  for (let wait = -1; wait !== 0 && !signal.aborted; wait = period()) {
    if (wait > 0) await sleep(wait, signal);
    if (signal.aborted) return;
    try {
      const answer = await ask(signal);
      if (!signal.aborted) show(answer);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Problem)) console.error(error);
      fail(error instanceof Problem ? error : new Problem('refused', 'The answer could not be read.'));
    }
  }
}

/** Sleeps, and on while paused or hidden. @param {number} ms @param {AbortSignal} signal */
async function sleep(ms, signal) {
  await timer(ms, signal);
  while ((paused || document.hidden) && !signal.aborted) await timer(3600000, signal);
}

/** @param {number} ms @param {AbortSignal} signal */
function timer(ms, signal) {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timeout);
      sleepers.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve(undefined);
    };
    const timeout = setTimeout(wake, ms);
    sleepers.add(wake);
    signal.addEventListener('abort', wake);
  });
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden) for (const wake of [...sleepers]) wake();
});
