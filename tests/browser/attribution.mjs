// Whose bytes: the meter says it in a sentence, in words and in figures; applications have rates; what
// `unknown` means can be asked with the keyboard.

import assert from 'node:assert/strict';
import { check, attempt, open } from './harness.mjs';

const WAIT_MS = 30000;
const part = (owner, name, ratio) => ({
  counted_bytes: 1000, interface_bytes: 1000, ratio: 1, lost_packets: 0, gap_ms: 0, unflowed_bytes: 10, owned_ratio: ratio, named_ratio: 0.9,
  by_owner: owner, by_name: name, owner_ratios: Object.fromEntries(Object.entries(owner).map(([word, bytes]) => [word, bytes / 1000])), name_ratios: Object.fromEntries(Object.entries(name).map(([word, bytes]) => [word, bytes / 1000])),
});
const NAMES = { sni: 900, address: 90 };
const COVERAGE = { filter: null, minute: part({ unknown: 990 }, NAMES, 0), hour: part({ unknown: 20, late: 5, exact: 65, kernel: 900 }, NAMES, 0.97), day: { ...part({}, {}, null), counted_bytes: 0, unflowed_bytes: 0 } };
const OWNERS = {
  state: 'running', reason: null, rung: 'sockets', since: null, events_lost: 0, asks_pending: 0, asks_max: 1, processes: 0, processes_max: 1, helper: { pid: 1, started: null, restarts: 0 },
  rungs: [{ rung: 'kernel', state: 'fails', reason: 'CAP_BPF is missing', sources: ['kernel'] }, { rung: 'pktap', state: 'not-here', reason: 'no', sources: ['pktap'] }, { rung: 'sockets', state: 'works', reason: null, sources: ['exact'] }],
};
const counted = (name, bytes, path) => ({ id: null, name, path, bytes_in: bytes, bytes_out: 0, packets_in: 1, packets_out: 0 });
const APPLICATIONS = [counted('firefox', 5e6, '/usr/lib/firefox/firefox'), counted('unknown', 1000, null)];

export async function attribution(browser, url) {
  for (const [width, height] of [[390, 844], [1440, 900]]) await one(browser, url, width, height);
}

async function one(browser, url, width, height) {
  const { page, close, wrong } = await open(browser, 'about:blank', { viewport: { width, height } });
  await page.route('**/api/coverage', (route) => route.fulfill({ json: COVERAGE }));
  await page.route('**/api/owners', (route) => route.fulfill({ json: OWNERS }));
  await page.route('**/api/stats/summary*', async (route) => {
    const answer = await (await route.fetch()).json();
    await route.fulfill({ json: { ...answer, applications: { items: APPLICATIONS, other: {} } } });
  });
  await page.goto(url);
  const card = page.locator('[data-card=coverage]');
  await attempt(`${width}: the meter says how much has an owner, by rung, in words`, async () => {
    await card.getByText('97 % of the last hour’s bytes have an owner').waitFor({ timeout: WAIT_MS });
    const [owners, names] = await card.locator('.attribution').all();
    const rows = await owners.locator('.fact').evaluateAll((all) => all.map((row) => row.textContent.replaceAll('\u00a0', ' ')));
    assert.deepEqual(rows.map((row) => row.split(' ')[0]), ['kernel', 'exact', 'late', 'unknown', 'in']);
    assert.ok(rows[0].includes('told by the kernel') && rows[0].endsWith('90 %'), rows[0]);
    assert.equal(await owners.locator('.stack .fill').count(), 3, 'what is unknown is no part of the bar');
    assert.match(await names.textContent(), /90\s% of the last hour’s bytes have a name/);
    await owners.getByText('kernel: CAP_BPF is missing').waitFor();
  });
  await attempt(`${width}: other windows can be chosen with the keyboard`, async () => {
    await card.getByRole('button', { name: 'minute' }).focus();
    await page.keyboard.press('Enter');
    await card.getByText('0 % of the last minute’s bytes have an owner').waitFor({ timeout: WAIT_MS });
    await card.getByRole('button', { name: 'day' }).press('Enter');
    await card.getByText('Nothing was counted in the last day').first().waitFor({ timeout: WAIT_MS });
  });
  await attempt(`${width}: applications tell what they are, and unknown can be asked about`, async () => {
    const apps = page.locator('[data-card=applications]');
    await apps.locator('[title="firefox – /usr/lib/firefox/firefox"]').waitFor({ timeout: WAIT_MS });
    if (width > 720) await apps.getByText('8.00 Mbit/s').waitFor({ timeout: WAIT_MS });
    await apps.getByText('What is “unknown”?').press('Enter');
    await apps.getByText('netmonitor doctor').waitFor({ timeout: WAIT_MS });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'it sticks out');
  });
  check(`attribution ${width}: nothing wrong in the console`, wrong.length === 0, wrong.join('\n       '));
  await close();
}
