// All pages, in both themes and two widths, with live data: figures that appear and move, nothing
// refused by the CSP, nothing that axe finds serious.

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { attempt, check, open } from './harness.mjs';

const PAGES = [['overview', 'Overview'], ['history', 'History'], ['performance', 'Performance']];
const WIDTHS = [[390, 844], [1440, 900]];
const WAIT_MS = 30000;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function pages(browser, url, folder) {
  for (const colorScheme of ['dark', 'light']) {
    for (const [width, height] of WIDTHS) {
      const tab = await open(browser, url, { colorScheme, viewport: { width, height } });
      check(`${colorScheme} ${width}: the token leaves the URL at once`, !tab.page.url().includes('token'), tab.page.url());
      for (const [name, title] of PAGES) await one(tab, { name, title, id: `${name} ${colorScheme} ${width}`, folder });
      check(`${colorScheme} ${width}: nothing wrong in the console`, tab.wrong.length === 0, tab.wrong.join('\n       '));
      await tab.close();
    }
  }
}

async function one({ page }, { name, title, id, folder }) {
  await attempt(`${id}: opens`, async () => {
    await page.locator(`nav a[data-page=${name}]`).click();
    await page.getByRole('heading', { level: 1, name: title }).waitFor({ timeout: WAIT_MS });
  });
  await attempt(`${id}: figures appear`, () => page.waitForFunction(() => {
    const values = [...document.querySelectorAll('.tile-value')].map((tile) => tile.textContent);
    return values.length >= 4 && values.every((value) => /\d/.test(value ?? ''));
  }, null, { timeout: WAIT_MS }));
  await attempt(`${id}: figures move`, async () => {
    const before = await told(page);
    await page.waitForFunction((old) => [...document.querySelectorAll('.tile-value, .chart')].map((one) => one.textContent + (one.getAttribute('aria-label') ?? '')).join() !== old, before, { timeout: WAIT_MS });
  });
  await attempt(`${id}: no panel is left waiting`, () => page.waitForFunction(() => !document.querySelector('.panel.loading'), null, { timeout: WAIT_MS }));
  check(`${id}: nothing sticks out to the side`, await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  const over = await crowded(page);
  check(`${id}: no cell runs over its neighbour`, over.length === 0, over.join(', '));
  const found = await violations(page);
  check(`${id}: axe finds nothing serious`, found.length === 0, found.join('\n       '));
  if (folder) await page.screenshot({ path: `${folder}/${id.replaceAll(' ', '-')}.png`, fullPage: true });
}

const told = (page) => page.evaluate(() => [...document.querySelectorAll('.tile-value, .chart')].map((one) => one.textContent + (one.getAttribute('aria-label') ?? '')).join());

/** Cells whose words stick out without being cut. */
export const crowded = (page) => page.evaluate(() => [...document.querySelectorAll('main td, main th')]
  .filter((cell) => cell.scrollWidth > cell.clientWidth + 1 && getComputedStyle(cell).overflowX === 'visible').map((cell) => cell.textContent));

/** Run through the debugger, which the page's CSP does not bind. */
export async function violations(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return result.violations.filter((one) => ['serious', 'critical'].includes(one.impact)).map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).slice(0, 4).join(', ')}`);
}
