// What the page does: it keeps the range in the URL, says what to do without a token, shows gaps as
// gaps and hostile names as text, and admits when the service is gone.

import assert from 'node:assert/strict';
import { attempt, check, inked, open } from './harness.mjs';

const WAIT_MS = 30000;
const HOSTILE = ['<img src=x onerror="window.hit=1">', '"><script>window.hit=1</script>', 'a\u202egpj.exe', `${'x'.repeat(250)}.example`, 'مثال.إختبار', '=cmd|calc'];

export async function behaviour(browser, url) {
  await signIn(browser, url);
  await routes(browser, url);
  await gap(browser, url);
  await hostile(browser, url);
  await outage(browser, url);
}

async function signIn(browser, url) {
  for (const [name, address] of [['no token', url.replace(/#.*/, '')], ['a wrong token', url.replace(/token=.*/, 'token=wrong')]]) {
    const { page, close } = await open(browser, address, {});
    await attempt(`${name}: the page says what to run`, () => page.getByText('netmonitor open').waitFor({ timeout: WAIT_MS }));
    await close();
  }
}

async function routes(browser, url) {
  const { page, close, wrong } = await open(browser, url, { viewport: { width: 1440, height: 900 } });
  await attempt('the range is in the URL, survives a change of page, and the back button undoes it', async () => {
    await page.getByRole('button', { name: '1 h', exact: true }).click();
    assert.match(page.url(), /#\/overview\?range=1h/);
    await page.keyboard.press('Escape');
    await page.locator('body').press('g');
    await page.locator('body').press('p');
    await page.getByRole('heading', { level: 1, name: 'Performance' }).waitFor({ timeout: WAIT_MS });
    assert.match(page.url(), /#\/performance\?range=1h/);
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor({ timeout: WAIT_MS });
    assert.equal(await page.getByRole('button', { name: '1 h', exact: true }).getAttribute('aria-pressed'), 'true');
  });
  await attempt('dragging on the chart zooms, and there is a way back', async () => {
    const box = await page.locator('.u-over').first().boundingBox();
    await page.mouse.move(box.x + box.width * 0.3, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 50, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/from=\d+&to=\d+/, { timeout: WAIT_MS });
    await page.getByRole('button', { name: 'Back to live' }).click();
    await page.waitForURL(/range=live/, { timeout: WAIT_MS });
  });
  await attempt('t changes the theme, ? shows the keys', async () => {
    const before = await page.evaluate(() => document.documentElement.dataset.theme);
    await page.locator('body').press('t');
    assert.notEqual(await page.evaluate(() => document.documentElement.dataset.theme), before);
    await page.locator('body').press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor({ timeout: WAIT_MS });
  });
  check('routes: nothing wrong in the console', wrong.length === 0, wrong.join('\n       '));
  await close();
}

/** The real answer, with its middle third not watched and a steady rate before and after. */
async function gap(browser, url) {
  const { page, close } = await open(browser, 'about:blank', { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' });
  await page.route('**/api/stats/timeline*', async (route) => {
    const answer = await (await route.fetch()).json();
    const [from, to, step] = ['from', 'to', 'step'].map((name) => Number(new URL(route.request().url()).searchParams.get(name)));
    const at = Array.from({ length: (to - from) / step }, (_, i) => from + i * step);
    const bytes = at.map((_, i) => (i > at.length / 3 && i < (at.length * 2) / 3 ? null : 1e6));
    await route.fulfill({ json: { ...answer, at_s: at, bytes_in: bytes, bytes_out: bytes, lived_ms: at.map(() => step * 1000) } });
  });
  await attempt('a gap is drawn as a gap, not as zero', async () => {
    await page.goto(url);
    await page.getByRole('button', { name: '1 h', exact: true }).click();
    await page.getByText('means of 10').waitFor({ timeout: WAIT_MS });
    const [before, inside] = [await inked(page, 0.2), await inked(page, 0.5)];
    assert.ok(before > 0, 'the line is not drawn at all');
    assert.equal(inside, 0, 'there is a line inside the gap');
    await page.getByText('Show as a table').click();
    await page.getByText('not watched', { exact: true }).nth(10).waitFor({ timeout: WAIT_MS });
  });
  await close();
}

/** The real answer, with names that try to be more than text. */
async function hostile(browser, url) {
  const { page, close, wrong } = await open(browser, 'about:blank', { viewport: { width: 390, height: 844 } });
  const items = [...HOSTILE, 'xn--bcher-kva.example'].map((name, id) => ({ id, name, shown: name.replace('xn--bcher-kva', 'bücher'), source: 'sni', path: name, bytes_in: 1000 - id, bytes_out: 10, packets_in: 1, packets_out: 1 }));
  await page.route('**/api/stats/summary*', async (route) => {
    const answer = await (await route.fetch()).json();
    await route.fulfill({ json: { ...answer, sites: { ...answer.sites, items }, applications: { ...answer.applications, items } } });
  });
  await attempt('hostile names are text', async () => {
    await page.goto(url);
    const names = page.locator('[data-card=sites] .named');
    await names.nth(HOSTILE.length - 1).waitFor({ timeout: WAIT_MS });
    const shown = await names.evaluateAll((all) => all.map((one) => one.title));
    assert.deepEqual(shown.slice(0, HOSTILE.length), HOSTILE.map((name) => name.replace('\u202e', '\ufffd')));
    const last = names.nth(HOSTILE.length);
    assert.equal(await last.textContent(), 'bücher.examplesni');
    assert.equal(await last.getAttribute('title'), 'bücher.example (xn--bcher-kva.example)');
    assert.equal(await page.evaluate(() => window.hit), undefined);
    assert.equal(await page.locator('main img, main script').count(), 0);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'a name widens the page');
  });
  check('hostile names: nothing wrong in the console', wrong.length === 0, wrong.join('\n       '));
  await close();
}

async function outage(browser, url) {
  const { page, close } = await open(browser, url, {});
  const banner = page.locator('.banner');
  await attempt('a lost service is told, and its return noticed', async () => {
    await page.waitForFunction(() => /\d/.test(document.querySelector('.tile-value')?.textContent ?? ''), null, { timeout: WAIT_MS });
    await page.route('**/api/**', (route) => route.abort());
    await page.locator('nav a[data-page=overview]').waitFor();
    await page.evaluate(() => { location.hash = '#/overview?range=live&interface=gone'; });
    await banner.getByText('The service does not answer.').waitFor({ timeout: WAIT_MS });
    await page.unroute('**/api/**');
    await page.evaluate(() => { location.hash = '#/overview?range=live'; });
    await banner.waitFor({ state: 'hidden', timeout: WAIT_MS });
  });
  await close();
}
