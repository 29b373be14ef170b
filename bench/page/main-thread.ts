import type { Browser, Page } from 'playwright-core';

/** Event of Chromium's trace, times in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  /** Processor time of the thread. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** The tasks of a page's main thread, in milliseconds. */
export interface MainThread {
  /** Processor time of each task, ascending. */
  readonly processor: readonly number[];
  /** Elapsed time of each task, ascending. */
  readonly elapsed: readonly number[];
}

/** Traces the main thread of a page while `work` runs. */
export async function traceMainThread(
  browser: Browser,
  page: Page,
  work: () => Promise<void>,
): Promise<MainThread> {
  await browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
  await work();
  const text = (await browser.stopTracing()).toString();
  const { traceEvents } = JSON.parse(text) as { traceEvents: readonly TraceEvent[] };
  const tasks = busiestRenderer(traceEvents);
  return {
    processor: ascending(tasks.map(({ tdur = 0 }) => tdur / 1000)),
    elapsed: ascending(tasks.map(({ dur = 0 }) => dur / 1000)),
  };
}

/** The tasks of the renderer that worked most: other tabs are idle. */
function busiestRenderer(events: readonly TraceEvent[]): readonly TraceEvent[] {
  const threads = events
    .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
    .map(({ pid, tid }) => `${pid} ${tid}`);
  const byThread = new Map<string, TraceEvent[]>(threads.map((thread) => [thread, []]));
  for (const event of events) {
    if (event.ph !== 'X' || !event.name.endsWith('RunTask')) continue;
    byThread.get(`${event.pid} ${event.tid}`)?.push(event);
  }
  const sumOf = (tasks: readonly TraceEvent[]): number =>
    tasks.reduce((sum, { tdur = 0 }) => sum + tdur, 0);
  return [...byThread.values()].sort((a, b) => sumOf(b) - sumOf(a))[0] ?? [];
}

function ascending(values: number[]): readonly number[] {
  return values.sort((a, b) => a - b);
}

/** Returns the value that a share of ascending values does not exceed; 0 for none. */
export function percentile(values: readonly number[], share: number): number {
  return values[Math.max(0, Math.ceil(values.length * share) - 1)] ?? 0;
}

export function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
