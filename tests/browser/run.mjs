// The dashboard, checked: `NETMONITOR_BIN=path node run.mjs [folder for pictures]`, or with
// NETMONITOR_URL=http://127.0.0.1:PORT/dashboard/#token=TOKEN against one that runs already.

import { mkdirSync } from 'node:fs';
import { attribution } from './attribution.mjs';
import { behaviour } from './behaviour.mjs';
import { browser, check, service, tally } from './harness.mjs';
import { history } from './history.mjs';
import { modules } from './modules.mjs';
import { pages } from './pages.mjs';
import { tunnels } from './tunnels.mjs';

const folder = process.argv[2];
if (folder) mkdirSync(folder, { recursive: true });

await modules();
let running;
let chromium;
try {
  running = await service();
  chromium = await browser();
  await pages(chromium, running.url, folder);
  await attribution(chromium, running.url);
  await tunnels(chromium, running.url, folder);
  await history(chromium, running.url, folder);
  await behaviour(chromium, running.url);
} catch (error) {
  check('the run itself', false, String(error));
} finally {
  await chromium?.close();
  running?.stop();
}
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed ? 1 : 0;
