import type { Browser } from 'playwright-core';
import { Container, envelopeOf } from '../../test/support/task-events.js';
import { forwardAll } from '../../test/support/history-seed.js';
import { TestClient } from '../../test/support/test-client.js';
import { traceMainThread, type MainThread } from './main-thread.js';

const RUNS_PER_CONTAINER = 50;
const STEPS = 240;

export interface PannedTimeline {
  readonly thread: MainThread;
  readonly framesPerSecond: number;
  readonly frames: number;
  /** Seconds until all runs were on the page. */
  readonly loaded: number;
}

/** Stores runs of one second each, with a second between those of a container. */
export async function storeRuns(grpc: string, runs: number): Promise<void> {
  const client = new TestClient(grpc);
  const first = BigInt(Math.floor(Date.now() / 1000) - 3600);
  for (let at = 0; at < runs; at += 5000) {
    const numbers = Array.from({ length: Math.min(5000, runs - at) }, (_, i) => at + i);
    await forwardAll(
      client,
      numbers.flatMap((number) => runOf(number, first)),
    );
  }
  client.close();
}

function runOf(number: number, first: bigint): ReturnType<typeof envelopeOf>[] {
  const container = new Container(`container-${Math.floor(number / RUNS_PER_CONTAINER)}`);
  const pid = number + 1;
  const seconds = first + BigInt(2 * (number % RUNS_PER_CONTAINER));
  const at = (later: bigint) => ({ timestamp: { seconds: seconds + later, nanos: 0 } });
  const exit = container.exit(pid, number % 4 === 0 ? 1 : 0, { exitedAt: Number(seconds + 1n) });
  return [envelopeOf(container.start(pid), at(0n)), envelopeOf(exit, at(1n))];
}

/** Drags the timeline of all runs to and fro. */
export async function measureTimeline(
  browser: Browser,
  http: string,
  runs: number,
): Promise<PannedTimeline> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 760 } });
  const page = await context.newPage();
  const begun = performance.now();
  await page.goto(`${http}/containers`);
  const rows = Math.ceil(runs / RUNS_PER_CONTAINER);
  const timeline = page.getByRole('img', { name: `Runs of ${rows} containers over time` });
  await timeline.waitFor({ timeout: 300_000 });
  const loaded = (performance.now() - begun) / 1000;
  const { x, y } = (await timeline.boundingBox()) ?? { x: 0, y: 0 };
  await page.evaluate(`globalThis.drawnFrames = [];
    const count = (time) => { drawnFrames.push(time); requestAnimationFrame(count); };
    requestAnimationFrame(count)`);
  const thread = await traceMainThread(browser, page, async () => {
    await page.evaluate('drawnFrames.length = 0');
    await page.mouse.move(x + 700, y + 100);
    await page.mouse.down();
    for (let step = 0; step < STEPS; step++) {
      await page.mouse.move(x + 700 + 300 * Math.sin(step / 12), y + 100);
    }
    await page.mouse.up();
  });
  const times = await page.evaluate<number[]>('drawnFrames');
  const span = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000;
  await context.close();
  return { thread, frames: times.length, framesPerSecond: (times.length - 1) / span, loaded };
}
