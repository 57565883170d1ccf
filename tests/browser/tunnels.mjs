// Tunnels: the row of the program that carries one says that it is overhead, a line says what went
// through; names from the system are text.

import assert from 'node:assert/strict';
import { attempt, check, open } from './harness.mjs';
import { crowded, violations } from './pages.mjs';

const WAIT_MS = 30000;
const counts = (bytes) => ({ bytes_in: bytes, bytes_out: 0, packets_in: 1, packets_out: 0 });
const row = (name, bytes, overhead = null) => ({ id: null, name, path: `/usr/bin/${name}`, overhead, ...counts(bytes) });
const APPLICATIONS = [row('firefox', 5e6), row('openvpn', 2e5, counts(2e5)), row('wg-quick', 1000)];
const HOSTILE = '<b>tun\u202e9</b>';
const TUNNELS = [
  { interface: 'tun0', carrier: 'openvpn', payload: counts(4e6), uncarried: counts(0) },
  { interface: HOSTILE, carrier: 'not-in-the-list', payload: counts(3000), uncarried: counts(1000) },
];

export async function tunnels(browser, url, folder) {
  for (const colorScheme of ['dark', 'light']) {
    for (const [width, height] of [[390, 844], [1440, 900]]) await one(browser, url, { colorScheme, viewport: { width, height } }, folder);
  }
}

async function one(browser, url, options, folder) {
  const id = `tunnels ${options.colorScheme} ${options.viewport.width}`;
  const { page, close, wrong } = await open(browser, 'about:blank', options);
  let told = TUNNELS;
  await page.route('**/api/stats/summary*', async (route) => {
    const answer = await (await route.fetch()).json();
    await route.fulfill({ json: { ...answer, applications: { items: APPLICATIONS, other: {} }, tunnels: told } });
  });
  await page.goto(url);
  const card = page.locator('[data-card=applications]');
  await attempt(`${id}: what carries a tunnel says that it is overhead`, async () => {
    await card.getByText('overhead of tun0').waitFor({ timeout: WAIT_MS });
    const tagged = await card.locator('tbody tr', { has: page.locator('.tag') }).allTextContents();
    assert.equal(tagged.length, 1, tagged.join());
    assert.ok(tagged[0].includes('openvpn'), tagged[0]);
  });
  await attempt(`${id}: a line a tunnel says what went through it`, async () => {
    const lines = (await card.getByRole('list', { name: 'Tunnels' }).getByRole('listitem').allTextContents()).map((line) => line.replaceAll('\u00a0', ' '));
    assert.deepEqual(lines.map((line) => line.replace(/^<b>tun.*<\/b>/, 'hostile')), [
      'tun0, carried by openvpn: 3.81 MiB of payload, 195 KiB of overhead',
      'hostile, carried by not-in-the-list: 2.93 KiB of payload, 1,000 B not seen to be carried',
    ]);
    assert.ok(!lines.join().includes('\u202e'), 'the direction of writing is nobody else’s to change');
  });
  check(`${id}: nothing sticks out`, await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  const over = await crowded(page);
  check(`${id}: no cell runs over its neighbour`, over.length === 0, over.join());
  const found = await violations(page);
  check(`${id}: axe finds nothing serious`, found.length === 0, found.join());
  if (folder) await card.screenshot({ path: `${folder}/${id.replaceAll(' ', '-')}.png` });
  await attempt(`${id}: without tunnels there is no line`, async () => {
    told = [];
    await card.getByRole('list', { name: 'Tunnels' }).waitFor({ state: 'hidden', timeout: WAIT_MS });
    assert.equal(await card.locator('.tag').count(), 0);
  });
  check(`${id}: nothing wrong in the console`, wrong.length === 0, wrong.join('\n       '));
  await close();
}
