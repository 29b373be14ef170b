import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from '../../client/index.js';
import type { ReportRecorderState } from '../../client/own-programs.js';
import { RecorderState } from '../../protos/gen/foghorn/v1/recorder.js';
import { openStore } from '../../server/history/open.js';
import { ApiClient } from './api-client.js';
import { envelopeOf, Container } from './task-events.js';
import { SentEvents } from './event-source.js';
import { eventually } from './eventually.js';
import { appendAll } from './history-append.js';
import { KEEP_ALL } from './broker-over-store.js';
import type { Cleanup } from './processes/cleanup.js';
import { scrapeMetrics } from './scraped-metrics.js';
import { TestServer } from './test-server.js';

const MIB = 1024 * 1024;
const MINUTE = 60n * 1_000_000_000n;
const DAY = 24n * 60n * MINUTE;

/** A broker without trouble, whose log and metrics can be seen. */
export function startObserved(
  options: Parameters<typeof TestServer.start>[0] = {},
): Promise<TestServer> {
  const observed = { http: ['127.0.0.1:0'], logLevel: 'info', ...options } as const;
  return TestServer.start(observed, { trimIntervalMs: 10, diskWatchMs: 10 });
}

/** Starts a broker that keeps so little that retention can overtake a reader. */
export function startForgetful(): Promise<TestServer> {
  return startObserved({ retention: { ...KEEP_ALL, entries: 1 } });
}

/** Makes retention overtake a reader of a forgetful broker. */
export async function overtakeReader({ http }: TestServer): Promise<void> {
  const api = new ApiClient(http);
  const first = await api.post('/v1/events?namespace=n', { topic: '/first' });
  const { cursor } = first.body as { cursor: string };
  await api.post('/v1/events?namespace=n', [{ topic: '/a' }, { topic: '/b' }]);
  await eventually(async () => {
    const metrics = await scrapeMetrics(http);
    return metrics.value('foghorn_history_trimmed_entries_total') === 2;
  });
  const reader = await SentEvents.open(`${http}/v1/events?after=${cursor}`);
  await eventually(() => reader.ofType('gap').length === 1);
  await reader.close();
}

/** Stores events, of half a megabyte each, as if the clock had been that much behind. */
export async function storeInThePast(store: string, ago: bigint, count = 1): Promise<void> {
  const past = BigInt(Date.now()) * 1_000_000n - ago;
  const history = await openStore(store, () => past);
  const envelopes = Array.from({ length: count }, (_, at) =>
    envelopeOf(new Container(`${at}${'x'.repeat(500_000)}`).oom()),
  );
  await appendAll(history, envelopes);
  await history.close();
}

/** Starts a broker whose clock has jumped by three days since the newest event. */
export async function startAfterJump(store: string): Promise<TestServer> {
  await storeInThePast(store, 3n * DAY);
  return startObserved({ store, retention: { ...KEEP_ALL, age: 30n * DAY } });
}

/** The state of a recorder whose daemon has gone, and whose events wait. */
export const AWAY = RecorderState.fromPartial({
  following: false,
  since: { seconds: 1_700_000_000n },
  reason: 'cannot reach it',
  spoolEntries: 3n,
  spoolBytes: 400n,
  oldestSpooled: { seconds: 1_600_000_000n },
  missedSpans: 2n,
});

/**
 * Attaches a recorder to a broker; the returned function makes it go.
 *
 * @param state that it reports, if any
 */
export async function attachRecorder(
  { address, http }: TestServer,
  state?: RecorderState,
): Promise<() => Promise<void>> {
  const stop = new AbortController();
  const client = connect({ address });
  const daemon = { kind: 'docker', address: 'test', namespace: 'moby' } as const;
  const reportState: ReportRecorderState = (send) => {
    if (state !== undefined) send(state);
    return () => undefined;
  };
  void client.attachRecorder(daemon, () => Promise.resolve(), stop.signal, reportState);
  const labels = { kind: 'docker' };
  const attached = async (): Promise<number | undefined> =>
    (await scrapeMetrics(http)).value('foghorn_recorders_attached', labels);
  await eventually(async () => (await attached()) === 1);
  if (state?.following === false) {
    await eventually(async () => {
      const metrics = await scrapeMetrics(http);
      return metrics.value('foghorn_recorders_daemon_away', labels) === 1;
    });
  }
  return async () => {
    stop.abort();
    await eventually(async () => (await attached()) === 0);
    await client.close();
  };
}

/**
 * Starts a broker over a small disk of its own, which needs root or CAP_SYS_ADMIN. The returned
 * function fills the disk.
 *
 * @param disk a path where nothing is yet
 */
export async function startOnSmallDisk(
  disk: string,
  cleanup: Cleanup,
): Promise<{ broker: TestServer; fill: () => Promise<void> }> {
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk]);
  cleanup.defer(() => execFileSync('umount', ['-l', disk]));
  const broker = await startObserved({ store: `lmdb:${disk}/store` });
  const fill = async (): Promise<void> => {
    await writeFile(join(disk, 'ballast'), Buffer.alloc(7 * MIB)).catch(() => undefined);
    const client = broker.client();
    const isRefused = (at: number): Promise<boolean> =>
      client.forward(envelopeOf(new Container(`${at}${'x'.repeat(300_000)}`).oom())).then(
        () => false,
        () => true,
      );
    for (let at = 0; !(await isRefused(at)); at++);
  };
  return { broker, fill };
}
