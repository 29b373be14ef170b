import type { Browser } from 'playwright-core';
import { Cleanup } from '../test/support/processes/cleanup.js';
import { BrokerProcess } from '../test/support/processes/broker-process.js';
import { startChromium } from '../test/peers/page/browser.js';
import { freePort } from '../test/support/redis/free-port.js';
import { machineLine } from './support/machine.js';
import { firstPaint } from './page/first-paint.js';
import { measureLiveTable } from './page/live-table.js';
import { total } from './page/main-thread.js';
import { parseOptions, USAGE, type PageBenchOptions } from './page/options.js';
import { figureTable, isMet, longTasks, mibText, taskText, type Figure } from './page/report.js';
import { measureTimeline, storeRuns } from './page/timeline.js';

const VIEWS = ['now', 'containers', 'broker'];
const KIB = 1024;
const PAINT_MS = 1000;
const TASK_MS = 50;
const SCRIPT_KIB = 120;
const FRAMES_PER_SECOND = 30;
/** How much larger the heap may be at the end than after the first sixth of the stream. */
const HEAP_GROWTH_MIB = 8;

interface Addresses {
  readonly http: string;
  readonly grpc: string;
}

async function main(options: PageBenchOptions, cleanup: Cleanup): Promise<void> {
  const port = await freePort();
  const http = `http://127.0.0.1:${port}`;
  const broker = await BrokerProcess.create(cleanup, ['--http', `127.0.0.1:${port}`]);
  const child = await broker.start();
  await child.until('serve HTTP', () => child.stdout.includes(`listening on ${http}`));
  const browser = await startChromium(cleanup);
  console.log(`${machineLine(`Chromium ${browser.version()}`)}\n`);
  const addresses = { http, grpc: broker.address };
  const figures = [
    ...(await loading(browser, http)),
    // Before the stream, whose containers would be rows of the timeline, too.
    ...(await timeline(browser, addresses, options)),
    ...(await liveTable(browser, addresses, options)),
  ];
  console.log(`\n${figureTable(figures)}`);
  if (!figures.every(isMet)) process.exitCode = 1;
}

async function loading(browser: Browser, http: string): Promise<Figure[]> {
  const script = await fetch(`${http}/page/page.js`, { headers: { 'accept-encoding': 'gzip' } });
  const size = Number(script.headers.get('content-length')) / KIB;
  const figures: Figure[] = [
    { name: 'script, compressed', value: size, unit: 'KiB', budget: { below: SCRIPT_KIB } },
  ];
  for (const view of VIEWS) {
    const value = await firstPaint(browser, `${http}/${view}`);
    const name = `first paint of ${view}, median`;
    figures.push({ name, value, unit: 'ms', budget: { below: PAINT_MS } });
  }
  return figures;
}

async function timeline(
  browser: Browser,
  { http, grpc }: Addresses,
  { runs }: PageBenchOptions,
): Promise<Figure[]> {
  await storeRuns(grpc, runs);
  const { loaded, thread, frames, framesPerSecond } = await measureTimeline(browser, http, runs);
  console.log(`timeline of ${runs} runs: loaded in ${loaded.toFixed(1)} s; while it is dragged,`);
  const each = total(thread.processor) / frames;
  console.log(`  ${each.toFixed(1)} ms of processor time for each frame; ${taskText(thread)}`);
  const budget = { atLeast: FRAMES_PER_SECOND };
  return [{ name: 'timeline, dragged', value: framesPerSecond, unit: 'frames/s', budget }];
}

async function liveTable(
  browser: Browser,
  addresses: Addresses,
  options: PageBenchOptions,
): Promise<Figure[]> {
  const live = await measureLiveTable(browser, addresses, options);
  const { stored, received, thread, heaps, renderers, longTasksSeen } = live;
  console.log(`live table: ${received} of ${stored} events in ${options.seconds} s`);
  console.log(`  last sixth: ${taskText(thread)}`);
  console.log(`  tasks that took 50 ms, of the whole stream, elapsed: ${longTasksSeen}`);
  console.log(`  heap after collections: ${mibText(heaps)}`);
  console.log(`  memory of the renderer: ${mibText(renderers)}`);
  const name = '95 % of tasks, live table';
  const bounded = { below: TASK_MS };
  const growth = (heaps.at(-1) ?? 0) - (heaps[0] ?? 0);
  return [
    {
      name: `${name}, processor time`,
      value: longTasks(thread.processor),
      unit: 'ms',
      budget: bounded,
    },
    { name: `${name}, elapsed`, value: longTasks(thread.elapsed), unit: 'ms', budget: bounded },
    { name: 'growth of the heap', value: growth, unit: 'MiB', budget: { below: HEAP_GROWTH_MIB } },
  ];
}

const cleanup = new Cleanup();
try {
  const options = parseOptions(process.argv.slice(2));
  if (options) await main(options, cleanup);
  else console.log(USAGE);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await cleanup.run();
}
