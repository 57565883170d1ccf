// History: a month with a gap in it is shown with its gap, beside the one before; a click asks what
// happened then; names from the network are text there, too.

import assert from 'node:assert/strict';
import { attempt, check, inked, open } from './harness.mjs';
import { crowded, violations } from './pages.mjs';

const WAIT_MS = 30000;
const [START, END] = [Date.parse('2026-02-28T23:00:00Z') / 1000, Date.parse('2026-03-31T22:00:00Z') / 1000];
const GAP = [START + 9 * 86400, START + 12 * 86400];
const HOSTILE = '<img src=x onerror="window.hit=1">\u202e';
const iso = (at) => new Date(at * 1000).toISOString().replace('.000Z', 'Z');
const counts = (into, out = into / 8) => ({ bytes_in: into, bytes_out: out, packets_in: 1, packets_out: 1 });
const app = (name, bytes) => ({ id: 1, name, path: `/usr/bin/${name}`, overhead: null, ...counts(bytes) });
const site = (name, bytes) => ({ id: 1, name, shown: name, source: 'sni', ...counts(bytes) });
/** More by day than by night, less on Sundays. */
const rate = (at) => Math.round(2e5 * (1.1 + Math.sin(((at % 86400) / 86400 - 0.3) * 2 * Math.PI)) * (1 + 0.5 * Math.sin(at / 2e5)));
const noted = { at: null };

const month = (date, from, to, bytes, compared) => ({ date, from: iso(from), to: iso(to), length_s: to - from, over: true, counts: bytes === null ? null : counts(bytes), lost_packets: 3, gap_ms: bytes === null ? 0 : 3 * 86400000, unknown_s: bytes === null ? to - from : 0, compared });
const compare = (now, before) => ({ until: iso(END), counts: counts(now), before: counts(before), gap_ms: 0, before_gap_ms: 0, change: now / before - 1 });
const none = { tier: 'hour', missing: [], committed_through: null };
const PERIODS = {
  ...none, from: iso(START), to: iso(END), cycle: 'month', zone: 'Europe/Berlin', total: counts(9e11),
  items: [month('2025-12-01', START - 90 * 86400, START - 59 * 86400, null, null), month('2026-01-01', START - 59 * 86400, START - 28 * 86400, 3.1e11, null),
    month('2026-02-01', START - 28 * 86400, START, 4e11, compare(4e11, 3.1e11)), month('2026-03-01', START, END, 5e11, compare(5e11, 4e11))],
};

function timeline(url) {
  const [from, to] = ['from', 'to'].map((name) => Number(url.searchParams.get(name)));
  if (url.searchParams.get('step') !== '3600') return null;
  const at = Array.from({ length: (to - from) / 3600 }, (_, i) => from + i * 3600);
  const each = (share) => at.map((one) => (one >= GAP[0] && one < GAP[1] ? null : rate(one) * 3600 * share));
  return { ...none, from: iso(from), to: iso(to), step: 'seconds', step_s: 3600, at_s: at, bytes_in: each(1), bytes_out: each(0.12), packets_in: each(0), packets_out: each(0), lost_packets: each(0), lived_ms: at.map(() => 0), gap_ms: at.map(() => 0) };
}

const heat = () => ({
  ...none, from: iso(START), to: iso(END), zone: 'Europe/Berlin',
  cells: Array.from({ length: 168 }, (_, i) => {
    const [weekday, hour] = [Math.floor(i / 24) + 1, i % 24];
    const hours = weekday === 3 && hour < 4 ? 0 : 4;
    const into = hours ? rate(hour * 3600) * (weekday > 5 ? 0.4 : 1) : null;
    return { weekday, hour, hours, watched_s: hours * 3600, bytes_in_per_s: into, bytes_out_per_s: into && into / 8 };
  }),
});

const talk = (application, site, bytes) => ({ application, path: `/usr/bin/${application}`, site, site_shown: site, owner_source: 'kernel', site_source: 'sni', ...counts(bytes) });
const change = (name, now, usual) => ({ name, shown: name, path: null, bytes: now, usual_bytes: usual, change_bytes: now - usual });
function happened(url) {
  const at = Number(url.searchParams.get('ts'));
  noted.at = at;
  const around = (length) => ({ from: iso(at), to: iso(at + length), counts: counts(2e5 * length), lost_packets: 0, gap_ms: 0, missing: [], talks: { items: [talk('firefox', 'a-rather-long-name.of-a-site.example.org', 15e4), talk('curl', HOSTILE, 3e4)], other: {} } });
  return {
    at: iso(at), zone: 'Europe/Berlin', second: around(1), minute: around(60),
    hour: {
      from: iso(at), to: iso(at + 3600), counts: counts(7e8), gap_ms: 0, weeks: [1, 2, 4].map((n) => ({ from: iso(at - n * 604800), to: iso(at - n * 604800 + 3600) })),
      applications: [change('backup', 6e8, 1e7), change('firefox', 1e8, 3e8), change(HOSTILE, 100, 0)], sites: [change('backup.example.net', 6e8, 1e7)],
    },
    new_applications: [{ first_seen: iso(at + 5), id: 7, name: 'backup', shown: 'backup', path: '/opt/backup/bin/backup' }], new_sites: [],
  };
}

async function mock(page) {
  const answer = (path, make) => page.route((url) => url.pathname === path, (route) => {
    const json = make(new URL(route.request().url()));
    return json ? route.fulfill({ json }) : route.fallback();
  });
  await answer('/api/historical/monthly', () => PERIODS);
  await answer('/api/stats/timeline', timeline);
  await answer('/api/historical/heatmap', heat);
  await answer('/api/stats/percentile', () => ({ ...none, percentile: 95, slot_s: 300, bytes_in_per_s: 8e5, bytes_out_per_s: 9e4, slots: 8000, coarse_slots: 10, unwatched_slots: 864 }));
  await answer('/api/stats/summary', () => ({ ...none, total: counts(5e11), tunnels: [], protocols: { items: [], other: {} },
    applications: { items: [app('firefox', 3e11), app('backup', 1e11), app('curl', 2e10)], other: counts(1e9) }, sites: { items: [site('www.example.org', 2e11), site('backup.example.net', 1e11), site(HOSTILE, 5e9)], other: counts(1e10) } }));
  await answer('/api/at', happened);
}

export async function history(browser, url, folder) {
  await changing(browser, url);
  for (const colorScheme of ['dark', 'light']) {
    for (const [width, height] of [[390, 844], [1440, 900]]) await one(browser, url, { colorScheme, viewport: { width, height }, timezoneId: 'Europe/Berlin' }, folder);
  }
}

/** Hours of which seconds are gone, and figures that tell which interface was asked for. */
async function changing(browser, url) {
  const { page, close, wrong } = await open(browser, 'about:blank', { viewport: { width: 1440, height: 900 }, timezoneId: 'Europe/Berlin' });
  await mock(page);
  const asked = [];
  const answer = (path, make) => page.route((one) => one.pathname === path, (route) => route.fulfill({ json: make(new URL(route.request().url()).searchParams) }));
  const note = (path, params) => asked.push(`${path} ${params.getAll('interface').join('+')} ${params.get('step') ?? ''}`.trim());
  const own = (params) => (params.getAll('interface').length ? 'of-one-interface' : 'of-all-interfaces');
  const summary = (named) => ({ ...none, total: counts(5e11), tunnels: [], protocols: { items: [], other: {} }, applications: { items: [app(named, 3e11)], other: counts(1) }, sites: { items: [site(`${named}.example`, 2e11)], other: counts(1) } });
  await answer('/api/stats/summary', (params) => (note('summary', params), summary(own(params))));
  await answer('/api/historical/heatmap', (params) => (note('heatmap', params), heat()));
  await answer('/api/stats/percentile', (params) => (note('percentile', params), { ...none, percentile: 95, slot_s: 300, bytes_in_per_s: 8e5, bytes_out_per_s: 9e4, slots: 8000, coarse_slots: 0, unwatched_slots: 0 }));
  await answer('/api/at', (params) => (note('at', params), happened(new URL(`http://x/?ts=${params.get('ts')}`))));
  const [hour, before] = [START + 36000, START + 32400];
  const items = [month('2026-03-01', before, hour, 7e9, null), { ...month('2026-03-01', hour, hour + 3600, 8e9, compare(8e9, 0)), gap_ms: 0 }];
  await answer('/api/historical/hourly', () => ({ ...PERIODS, cycle: 'hour', items }));
  await answer('/api/stats/timeline', (params) => {
    note('timeline', params);
    const [from, to, step] = ['from', 'to', 'step'].map((name) => Number(params.get(name)));
    const at = Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);
    const each = at.map(() => (step === 10 ? null : 5e7));
    return { ...none, from: iso(from), to: iso(to), missing: step === 10 ? [{ from: iso(from), to: iso(to) }] : [], step: 'seconds', step_s: step, at_s: at, bytes_in: each, bytes_out: each, packets_in: each, packets_out: each, lost_packets: each, lived_ms: at.map(() => 0), gap_ms: at.map(() => 0) };
  });
  await page.goto(url);
  await page.evaluate((at) => { location.hash = `#/history?period=hour&at=${at}&look=${at}&interface=eth0`; }, hour + 60);
  const card = (name) => page.locator(`[data-card=${name}]`);
  await attempt('what is left only in longer sums is drawn in longer steps', async () => {
    await card('past').getByText('means of 60 s').waitFor({ timeout: WAIT_MS });
    assert.deepEqual(asked.filter((one) => one.startsWith('timeline eth0')).slice(0, 2), ['timeline eth0 10', 'timeline eth0 60']);
    await page.waitForFunction(() => document.querySelector('.chart canvas'), null, { timeout: WAIT_MS });
    assert.ok(await inked(page, 0.5) > 0, 'the line is not drawn');
  });
  await attempt('nothing before is not the same as nothing watched before', async () => {
    await page.getByText('none the hour before').first().waitFor({ timeout: WAIT_MS });
  });
  await attempt('without its filter everything on the page is asked for anew', async () => {
    await card('applications').getByText('of-one-interface').waitFor({ timeout: WAIT_MS });
    await card('at').getByText('In this second').first().waitFor({ timeout: WAIT_MS });
    asked.length = 0;
    await page.getByRole('button', { name: 'Remove the filter eth0' }).click();
    await card('applications').getByText('of-all-interfaces').waitFor({ timeout: WAIT_MS });
    await card('sites').getByText('of-all-interfaces.example').waitFor({ timeout: WAIT_MS });
    await card('past').getByText('means of 60 s').waitFor({ timeout: WAIT_MS });
    const first = () => ['summary', 'heatmap', 'percentile', 'at', 'timeline  10', 'timeline  60'].filter((one) => !asked.includes(one));
    for (let tries = 0; tries < 100 && first().length; tries += 1) await page.waitForTimeout(100);
    assert.deepEqual(first(), [], `not asked for: of ${asked.join(', ')}`);
  });
  check('a filter is changed: nothing wrong in the console', wrong.length === 0, wrong.join('\n       '));
  await close();
}

async function one(browser, url, options, folder) {
  const id = `a month ${options.colorScheme} ${options.viewport.width}`;
  const { page, close, wrong } = await open(browser, 'about:blank', options);
  await mock(page);
  await page.goto(url);
  await page.evaluate(() => { location.hash = '#/history?period=month&at=1773000000'; });
  const card = (name) => page.locator(`[data-card=${name}]`);
  const plain = async (locator) => (await locator.textContent()).replaceAll('\u00a0', ' ');
  await attempt(`${id}: a period has its name, its sums, and how they compare`, async () => {
    await page.getByRole('heading', { name: 'March 2026' }).waitFor({ timeout: WAIT_MS });
    await page.getByText('+25 % against the month before').first().waitFor({ timeout: WAIT_MS });
    const tiles = await Promise.all((await page.locator('.tile').all()).map(plain));
    assert.match(tiles[0], /^In466 GiB/);
    assert.match(tiles[2], /^95th percentile6\.40 Mbit\/s/);
    assert.match(tiles[3], /^Not watched3 d3 frames lost/);
    const rows = await Promise.all((await card('periods').locator('tbody tr').all()).map(plain));
    assert.deepEqual(rows.map((row) => row.slice(0, 8)), ['March 20', 'February', 'January ']);
    assert.ok(rows[1].endsWith('+29 %'), rows[1]);
  });
  await attempt(`${id}: what was not watched is no line`, async () => {
    await page.waitForFunction(() => document.querySelector('.chart canvas') && !document.querySelector('.panel.loading'), null, { timeout: WAIT_MS });
    const share = (at) => (at - START) / (END - START);
    const [before, inside] = [await inked(page, share(GAP[0] - 43200)), await inked(page, share(GAP[0] + 130000))];
    assert.ok(before > 0, 'the line is not drawn at all');
    assert.equal(inside, 0, 'there is a line inside the gap');
  });
  await attempt(`${id}: the week is shaded, and says what was not watched`, async () => {
    assert.equal(await card('heatmap').locator('td.heat').count(), 168);
    assert.equal(await card('heatmap').locator('td.heat.none').count(), 4);
    assert.match(await card('heatmap').locator('td.heat').nth(12).getAttribute('title'), /^Mon 12:00: .* in, .* out, mean of 4 hours/);
    assert.ok(await card('heatmap').locator('td.heat.s6').count() > 0);
  });
  if (folder) await page.screenshot({ path: `${folder}/${id.replaceAll(' ', '-')}.png`, fullPage: true });
  await attempt(`${id}: a click asks what happened then`, async () => {
    const over = page.locator('.u-over').first();
    await over.scrollIntoViewIfNeeded();
    const box = await over.boundingBox();
    await page.mouse.click(box.x + box.width / 2, box.y + 40);
    await card('at').getByText('In this second').first().waitFor({ timeout: WAIT_MS });
    assert.ok(Math.abs(noted.at - (START + END) / 2) < 7200, String(noted.at));
    assert.match(page.url(), /look=\d+/);
    await card('at').getByText('in 3 weeks before').first().waitFor({ timeout: WAIT_MS });
    assert.match(await plain(card('at').locator('tbody tr', { hasText: 'backup' }).first()), /\+563 MiB$/);
    assert.equal(await page.evaluate(() => window.hit), undefined);
    assert.equal(await page.locator('main img').count(), 0);
  });
  check(`${id}: nothing sticks out`, await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  const over = await crowded(page);
  check(`${id}: no cell runs over its neighbour`, over.length === 0, over.join());
  const found = await violations(page);
  check(`${id}: axe finds nothing serious`, found.length === 0, found.join('\n       '));
  if (folder) await card('at').screenshot({ path: `${folder}/${id.replaceAll(' ', '-')}-at.png` });
  await attempt(`${id}: it can be closed, and asked for with the keyboard`, async () => {
    await card('at').getByRole('button', { name: 'Close' }).press('Enter');
    await card('at').waitFor({ state: 'hidden', timeout: WAIT_MS });
    await card('past').getByText('Show as a table').press('Enter');
    await card('past').getByText('not watched', { exact: true }).first().waitFor({ timeout: WAIT_MS });
    await card('past').locator('tbody button').nth(3).press('Enter');
    await card('at').getByText('In this second').first().waitFor({ timeout: WAIT_MS });
  });
  await attempt(`${id}: earlier is the period before, and back is back`, async () => {
    await page.getByRole('button', { name: 'Earlier' }).click();
    await page.waitForURL(new RegExp(`at=${START - 1}`), { timeout: WAIT_MS });
    await page.goBack();
    await page.waitForURL(/at=1773000000/, { timeout: WAIT_MS });
  });
  check(`${id}: nothing wrong in the console`, wrong.length === 0, wrong.join('\n       '));
  await close();
}
