// @ts-check
// The dashboard starts here: the token, the route, the stream, and the page that is shown.

import { listen } from './keys.js';
import { connect, disconnect, live, onPhase, onSecond } from './live.js';
import { h } from './dom.js';
import { history } from './pages/history.js';
import { overview } from './pages/overview.js';
import { performance } from './pages/performance.js';
import { pausePolls } from './poll.js';
import { onPrefs, pref } from './prefs.js';
import { bounds, PRESETS, shift, zoom } from './range.js';
import { go, onRoute, tell, view } from './route.js';
import { rates } from './series.js';
import { adopt, onRefused, token } from './session.js';
import { shell, toggleTheme } from './shell.js';
import { joined, rate } from './units.js';

/** @typedef {import('./shell.js').Page} Page */

const MAKERS = /** @type {Record<string, (context: import('./shell.js').Context) => Page>} */ ({ overview, history, performance });
const SPEAK_MS = 10000;

const now = () => Date.now() / 1000;
const state = { paused: false, signedIn: false, path: '', page: /** @type {Page | null} */ (null), spoken: 0, broken: false };

adopt();
const frame = shell({ pause, signIn: start });
const spoken = document.body.appendChild(h('p', { class: 'unseen', 'aria-live': 'polite' }));
/** @type {import('./shell.js').Context} */
const context = {
  view, now, go,
  bounds: () => bounds(view().range, Math.floor(now())),
  partial: (text) => frame.badge('partial', text && 'Partial data', text),
  filtered: (filter) => frame.badge('filter', filter ? `Filter: ${filter}` : '', 'The capture filter leaves out what does not match'),
};

onRoute(() => state.signedIn && showRoute());
onRefused(() => signOut());
onPrefs(() => state.page?.redraw());
onPhase(() => {
  if (live.phase !== 'open' && live.last) state.broken = true;
  pulse();
});
onSecond((second) => {
  if (state.broken) state.page?.reconnected();
  state.broken = false;
  pulse();
  if (state.paused || document.hidden) return;
  state.page?.second(second);
  speak(second);
});
setInterval(() => {
  pulse();
  if (!state.paused && !document.hidden && state.signedIn) state.page?.aged();
}, 1000);
addEventListener('hashchange', () => adopt() && start());
listen({
  'g o': () => go({ page: 'overview' }),
  'g h': () => go({ page: 'history' }),
  'g p': () => go({ page: 'performance' }),
  ' ': pause,
  t: toggleTheme,
  '?': () => frame.help.showModal(),
  l: () => go({ range: PRESETS[0].range }),
  '[': () => go({ range: shift(view().range, -0.5, Math.floor(now())) }),
  ']': () => go({ range: shift(view().range, 0.5, Math.floor(now())) }),
  '+': () => go({ range: zoom(view().range, 0.5, Math.floor(now())) }),
  '-': () => go({ range: zoom(view().range, 2, Math.floor(now())) }),
  Escape: () => go({ interfaces: [] }),
});
start();

function start() {
  if (!token()) return signOut();
  state.signedIn = true;
  state.page = null;
  tell();
}

function signOut() {
  state.signedIn = false;
  state.page?.stop();
  state.page = null;
  disconnect();
  frame.route({ title: 'Sign in', ranged: false }, now());
  frame.unauthorised();
  pulse();
}

function showRoute() {
  const { page, interfaces } = view();
  const shown = state.page && page === state.path ? state.page : open(page);
  frame.route(shown, now());
  if (state.paused) pause();
  connect(interfaces);
  shown.aged();
  shown.show();
  pulse();
}

/** @param {string} name */
function open(name) {
  state.page?.stop();
  const page = MAKERS[name](context);
  Object.assign(state, { page, path: name });
  frame.main.replaceChildren(page.element);
  scrollTo(0, 0);
  return page;
}

function pause() {
  state.paused = !state.paused;
  pausePolls(state.paused);
  pulse();
}

function pulse() {
  document.body.classList.toggle('paused', state.paused);
  frame.pulse(state.paused, now(), state.signedIn);
}

/** Says the rate to those who do not see the chart, now and then. @param {import('../../shapes').Second} second */
function speak(second) {
  if (Date.now() - state.spoken < SPEAK_MS) return;
  state.spoken = Date.now();
  const [into, out] = rates(second).map((value) => (value === null ? 'not watched' : joined(rate(value, pref('rate')))));
  spoken.textContent = `In ${into}, out ${out}`;
}
