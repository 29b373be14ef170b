import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { StreamProbe } from './support/stream-probe.js';
import { Container } from './support/task-events.js';
import type { TestClient } from './support/test-client.js';
import { TestServer } from './support/test-server.js';

const ROOT = resolve(import.meta.dirname, '..');
const MAX_STOPS = 20;

/** Enough for one without a checkpoint, however slow the machine. */
const MAX_TRIPS = 100;

/** Carries bytes from and to sockets, whatever they are, as `node:net` below it does. */
const TRANSPORT = 'server/http2/';

/** Files that a stop asks about the event, or that keep or lay it out for one stop. */
const BESIDE_THE_WAY = new Set([
  // Constants, which the tests' loader reads by functions.
  'protocol/limits.ts',
  'server/grpc/status.ts',
  'server/history/store.ts',
  // The caller and its rights.
  'server/access/audit.ts',
  'server/access/audited-identity.ts',
  'server/access/caller.ts',
  'server/access/connection-access.ts',
  'server/access/namespace-set.ts',
  'server/access/identity.ts',
  'server/broker/reader-pace.ts',
  // Counts for operators.
  'server/operator-view.ts',
  'server/metrics/broker-counts.ts',
  'server/metrics/buckets.ts',
  'server/metrics/call-counts.ts',
  'server/metrics/event-counts.ts',
  // The call and its answer.
  'server/grpc/grpc-edge.ts',
  'server/grpc/grpc-call.ts',
  'server/grpc/interceptor.ts',
  'server/grpc/metadata.ts',
  'server/grpc/router.ts',
  'server/grpc/unary-call.ts',
  // Fields on the wire.
  'protocol/wire/entry.ts',
  'protocol/wire/name-bytes.ts',
  'protocol/wire/payload.ts',
  'protocol/wire/reader.ts',
  'protocol/wire/recent-texts.ts',
  'protocol/wire/timestamp.ts',
  'protocol/wire/writer.ts',
  // Facts about the event.
  'protocol/clock.ts',
  'protocol/identifier.ts',
  'protocol/payload-types.ts',
  'server/events/container-key.ts',
  'server/events/cursor.ts',
  'server/events/dedupe-key.ts',
  'server/events/event-fields.ts',
  'server/events/filed-types.ts',
  'server/events/filing.ts',
  'server/events/names.ts',
  'server/events/payload-fields.ts',
  // How it is stored.
  'server/history/check-entries.ts',
  'server/history/duplicates.ts',
  'server/history/entry-size.ts',
  'server/history/entry-time.ts',
  'server/history/key.ts',
  'server/history/lmdb/dedupe-index.ts',
  'server/history/lmdb/journal/log-files.ts',
  'server/history/lmdb/journal/record-buffers.ts',
  'server/history/lmdb/journal/seal.ts',
  'server/history/lmdb/tables/row.ts',
  'server/history/lmdb/tables/short-crc.ts',
  'server/history/lmdb/tables/table-writer.ts',
  // Who wants it, and who waits.
  'server/broker/admitted-reads.ts',
  'server/broker/delivery.ts',
  'server/broker/ending.ts',
  'server/broker/entry-views.ts',
  'server/broker/progress-reports.ts',
  'server/broker/visible-views.ts',
  'server/broker/window.ts',
  'server/filter/filter.ts',
  'server/filter/matcher.ts',
]);

/** The numbered list of ARCHITECTURE.md. */
function describedStops(): string[] {
  const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const section = text.split('## The way of one event')[1]!.split('\n## ')[0]!;
  return [...section.matchAll(/^\d+\. `([^`]+)`/gm)].map(([, file]) => file!);
}

/** Runs work, and returns the files of the server that executed a function meanwhile. */
async function filesExecuted(work: () => Promise<void>): Promise<string[]> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    await session.post('Profiler.takePreciseCoverage');
    await work();
    const { result } = await session.post('Profiler.takePreciseCoverage');
    return result
      .filter(({ functions }) =>
        // The function at the start of a file is its module.
        functions.some(({ ranges: [range] }) => range!.count > 0 && range!.startOffset > 0),
      )
      .filter(({ url }) => url.startsWith('file:'))
      .map(({ url }) => sourceOf(relative(ROOT, fileURLToPath(url))))
      .filter((file) => /^(server|protocol)\//.test(file) && !file.startsWith(TRANSPORT));
  } finally {
    session.disconnect();
  }
}

/** `npm test` runs what it has compiled into a folder of its own. */
function sourceOf(file: string): string {
  return file.replace(/^\.compiled\/(.*)\.js$/, '$1.ts');
}

describe('the way of one event', () => {
  const stops = describedStops();
  let directory: string;
  let server: TestServer;
  let client: TestClient;
  let stream: StreamProbe<Buffer>;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-'));
    server = await TestServer.start({ store: `lmdb:${directory}/history` });
    client = server.client();
    stream = client.subscribe(['topic=="/containers/create",event.id==c1']);
    await stream.headers;
  });
  afterEach(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  let published = 0;
  async function publishAndReceive(): Promise<void> {
    const { topic, event } = new Container('c1').made();
    published += 1;
    await client.publish(topic, event);
    await stream.when(({ length }) => length === published);
  }

  it(`has at most ${MAX_STOPS} stops, and none twice`, () => {
    expect(stops).to.have.length.within(1, MAX_STOPS);
    expect(new Set(stops).size).to.equal(stops.length);
  });

  it('passes through the files that ARCHITECTURE.md lists, and no others', async () => {
    // The first events fill caches and end the start of the subscription.
    for (let i = 0; i < 3; i++) await publishAndReceive();
    const known = new Set([...stops, ...BESIDE_THE_WAY]);
    let executed = await filesExecuted(publishAndReceive);
    const unknown = (): string[] => executed.filter((file) => !known.has(file));
    // Checkpoints and trims run now and then, but not with each event.
    for (let trips = 1; trips < 3 || (trips < MAX_TRIPS && unknown().length > 0); trips++) {
      const trip = await filesExecuted(publishAndReceive);
      executed = executed.filter((file) => trip.includes(file));
    }
    expect(stops.filter((file) => !executed.includes(file))).to.deep.equal([]);
    expect(unknown()).to.deep.equal([]);
  });
});
