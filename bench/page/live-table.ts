import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { appended, forwarding } from '../../test/support/append-probe.js';
import { Container, envelopeOf } from '../../test/support/task-events.js';
import { TestClient } from '../../test/support/test-client.js';
import { memoryOf } from '../support/memory.js';
import { traceMainThread, type MainThread } from './main-thread.js';

const BATCHES_PER_SECOND = 50;
/** Parts of the stream; memory is measured after each. */
const PARTS = 6;
const MIB = 1024 * 1024;
/** A page that has not shown a part of the stream by then has stalled. */
const STALLED_MS = 300_000;

export interface LiveTable {
  /** Tasks of the last part of the stream. */
  readonly thread: MainThread;
  /** Events that were stored and that the page has received. */
  readonly stored: number;
  readonly received: number;
  /** MiB after garbage collections, at equal distances: of the heap, and of the whole renderer. */
  readonly heaps: readonly number[];
  readonly renderers: readonly number[];
  /** Tasks of at least 50 ms that the browser has seen in the whole stream. */
  readonly longTasksSeen: number;
}

/** Follows a stream of events in the live table. */
export async function measureLiveTable(
  browser: Browser,
  { http, grpc }: { readonly http: string; readonly grpc: string },
  { seconds, rate }: { readonly seconds: number; readonly rate: number },
): Promise<LiveTable> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 760 } });
  const page = await context.newPage();
  await page.goto(`${http}/now?since=${new Date().toISOString()}`);
  await page.locator('.state.live').waitFor();
  await page.evaluate(`globalThis.longTasksSeen = 0;
    new PerformanceObserver((list) => { longTasksSeen += list.getEntries().length; })
      .observe({ type: 'longtask' })`);
  const session = await context.newCDPSession(page);
  const client = new TestClient(grpc);
  const processes = await browser.newBrowserCDPSession();
  const heaps: number[] = [];
  const renderers: number[] = [];
  let stored = 0;
  const part = async (): Promise<void> => {
    stored += await stream(client, (rate * seconds) / PARTS, rate, stored);
    await received(page, stored);
    heaps.push(await heapOf(session));
    renderers.push(await rendererOf(processes));
  };
  for (let at = 1; at < PARTS; at++) await part();
  // Only the last part is traced, because Chromium takes minutes to hand over a long trace.
  const thread = await traceMainThread(browser, page, part);
  const found = await shownCount(page);
  const longTasksSeen = await page.evaluate<number>('longTasksSeen');
  client.close();
  await context.close();
  return { thread, stored, received: found, heaps, renderers, longTasksSeen };
}

/** Stores events at a rate, and returns how many. */
async function stream(
  client: TestClient,
  events: number,
  rate: number,
  before: number,
): Promise<number> {
  const append = client.append();
  const size = Math.ceil(rate / BATCHES_PER_SECOND);
  const batches = Math.ceil(events / size);
  const begun = performance.now();
  for (let batch = 0; batch < batches; batch++) {
    const late = begun + (batch * 1000) / BATCHES_PER_SECOND - performance.now();
    if (late > 0) await delay(late);
    append.send(
      Array.from({ length: size }, (_, at) => {
        const number = before + batch * size + at;
        const container = new Container(`c${number % 1000}`);
        return forwarding(envelopeOf(container.exit(number, number % 3)));
      }),
    );
  }
  const answers = await append.answers(batches);
  for (const results of answers) for (const result of results) appended(result);
  append.end();
  return batches * size;
}

async function shownCount(page: Page): Promise<number> {
  const text = await page.locator('.tools .count').innerText();
  return Number(text.replace(/\D/g, ''));
}

async function received(page: Page, events: number): Promise<void> {
  const begun = performance.now();
  for (let shown = 0; shown < events; shown = await shownCount(page)) {
    if (performance.now() - begun > STALLED_MS) {
      throw new Error(`the page has received ${shown} of ${events} events, and no more`);
    }
    await delay(50);
  }
}

async function heapOf(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize / MIB;
}

/** Texts of events are not in the heap: the browser keeps them outside of it. */
async function rendererOf(processes: CDPSession): Promise<number> {
  const { processInfo } = await processes.send('SystemInfo.getProcessInfo');
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  const [busiest] = renderers.sort((a, b) => b.cpuTime - a.cpuTime);
  if (busiest === undefined) throw new Error('the renderer of the page has ended');
  return memoryOf(busiest.id).anonymous / MIB;
}
