// What the checks stand on: a tally, the running netmonitor, the browser.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const START_MS = 60000;
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export const tally = { passed: 0, failed: 0 };

/** One check: it says what it found where it failed. */
export function check(name, ok, detail = '') {
  tally[ok ? 'passed' : 'failed'] += 1;
  if (!ok) console.log(`FAILED ${name}${detail ? `\n       ${detail}` : ''}`);
}

/** A check that needs several steps; a throw is a failure. */
export async function attempt(name, steps) {
  try {
    await steps();
    check(name, true);
  } catch (error) {
    check(name, false, String(error.message ?? error).split('\n').slice(0, 4).join('\n       '));
  }
}

/** The dashboard's address with its token: of NETMONITOR_URL, or of a demo started here. */
export async function service() {
  if (process.env.NETMONITOR_URL) return { url: process.env.NETMONITOR_URL, stop() {} };
  const binary = process.env.NETMONITOR_BIN ?? new URL('../../target/release/netmonitor', import.meta.url).pathname;
  const child = spawn(binary, ['demo', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = () => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 5000).unref();
  };
  return { url: await address(child, binary), stop };
}

function address(child, binary) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => fail(`${binary} demo printed no address within ${START_MS / 1000} s`), START_MS);
    const fail = (why) => {
      clearTimeout(late);
      reject(new Error(why));
    };
    child.on('error', (error) => fail(`${binary} could not be started: ${error.message}`));
    child.on('exit', (code) => fail(`${binary} demo ended with ${code} before it printed an address`));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /http:\/\/\S+\/dashboard\/#token=\S+/.exec(line);
      if (!found) return;
      clearTimeout(late);
      resolve(found[0]);
    });
  });
}

export const browser = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });

/** A page that notes each console error, exception and CSP violation. */
export async function open(within, url, options) {
  const context = await within.newContext(options);
  const page = await context.newPage();
  const wrong = [];
  page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
  page.on('pageerror', (error) => wrong.push(String(error)));
  await page.exposeFunction('noteViolation', (text) => wrong.push(text));
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) => window.noteViolation(`CSP: ${event.violatedDirective} ${event.blockedURI}`)));
  await page.goto(url);
  return { page, wrong, close: () => context.close() };
}

/** Points of either line's colour in one column of the chart: far from any grey. */
export const inked = (page, share) => page.evaluate((at) => {
  const canvas = document.querySelector('.chart canvas');
  const over = document.querySelector('.u-over').getBoundingClientRect();
  const x = Math.round(((over.left + over.width * at - canvas.getBoundingClientRect().left) * canvas.width) / canvas.clientWidth);
  const { data } = canvas.getContext('2d').getImageData(x, 0, 1, canvas.height);
  let points = 0;
  for (let i = 0; i < data.length; i += 4) {
    const [red, green, blue, alpha] = data.slice(i, i + 4);
    if (alpha > 90 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60) points += 1;
  }
  return points;
}, share);
