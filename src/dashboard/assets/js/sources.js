// @ts-check
// What a page asks for, again and again: each answer is kept and shown, each failure told on the
// panels that wait for it.

import { get } from './api.js';
import { poll } from './poll.js';

/**
 * @typedef {object} Source
 * @property {string} path
 * @property {() => string} [route] the path where it changes
 * @property {() => Record<string, any> | null} [params] `null`: there is nothing to ask now
 * @property {() => number} every milliseconds; 0: once is enough
 * @property {{failed: (problem: Error) => void}[]} cards
 * @property {(answer: any) => void} show
 */

/**
 * @template {string} Name
 * @param {Record<Name, Source>} specs
 */
export function sources(specs) {
  const names = /** @type {Name[]} */ (Object.keys(specs));
  const held = /** @type {Record<Name, any>} */ ({});
  const start = (/** @type {Name} */ name) => {
    const { path, route, params, every, cards, show } = specs[name];
    const ask = async (/** @type {AbortSignal} */ signal) => {
      const asked = params ? params() : {};
      return asked && get(route ? route() : path, asked, signal);
    };
    const take = (/** @type {any} */ answer) => {
      if (!answer) return;
      held[name] = answer;
      show(answer);
    };
    return poll(ask, take, (problem) => cards.forEach((card) => card.failed(problem)), every);
  };
  const polls = new Map(names.map((name) => [name, start(name)]));
  return {
    held,
    /** Asks now. @param {Name[]} which */
    again: (...which) => which.forEach((name) => polls.get(name)?.again()),
    /** Shows again what is held: units, zone or theme changed. */
    refill: () => names.forEach((name) => held[name] && specs[name].show(held[name])),
    stop: () => polls.forEach((one) => one.stop()),
  };
}
