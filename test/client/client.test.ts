import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { Durability, FoghornError, connect, events } from '../../client/index.js';
import type { Client, Entry, Envelope } from '../../client/index.js';
import { startServer } from '../../server/server.js';
import type { RunningServer } from '../../server/server.js';

describe('the client library with a broker', () => {
  let directory: string;
  let server: RunningServer;
  let client: Client;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-library-'));
    server = await startServer(
      { grpc: ['127.0.0.1:0'], store: 'memory:', protoDirs: [], logLevel: 'silent' },
      pino({ level: 'silent' }),
    );
    client = connect({ address: server.addresses[0] ?? '', namespace: 'moby' });
  });

  afterEach(async () => {
    client.close();
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  const exit = {
    typeUrl: 'containerd.events.TaskExit',
    value: Buffer.from(
      events.TaskExit.encode({
        containerId: 'c',
        id: 'c',
        pid: 7,
        exitStatus: 137,
        exitedAt: undefined,
      }).finish(),
    ),
  };

  it('publishes, forwards and reads typed events', async () => {
    const envelope: Envelope = {
      timestamp: { seconds: 1_700_000_000n, nanos: 5 },
      namespace: 'k8s.io',
      topic: '/tasks/exit',
      event: exit,
    };
    await client.publish({ topic: '/tasks/exit', event: exit });
    await client.publish({ topic: '/tasks/exit', event: exit, namespace: 'other' });
    await client.forward(envelope);
    const entries: Entry[] = [];
    for await (const message of client.read({ start: 'earliest', stopWhenCaughtUp: true })) {
      if (message.kind === 'entries') entries.push(...message.entries);
    }
    expect(entries.map(({ namespace }) => namespace)).to.deep.equal(['moby', 'other', 'k8s.io']);
    const { cursor, ...last } = entries.at(-1)!;
    expect(last).to.deep.equal(envelope);
    expect(events.TaskExit.decode(last.event!.value).exitStatus).to.equal(137);
    const description = await client.describe();
    expect(description).to.deep.include({
      entryCount: 3n,
      durability: Durability.DURABILITY_MEMORY,
    });
    expect(description.last?.cursor).to.equal(cursor);
  });

  it("subscribes through containerd's call, also to the past", async () => {
    await client.publish({ topic: '/before' });
    const controller = new AbortController();
    const topics: string[] = [];
    const connected: string[] = [];
    const options = {
      signal: controller.signal,
      metadata: { 'foghorn-since': '1970-01-01T00:00:00Z' },
      onConnected: () => connected.push('yes'),
    };
    for await (const { topic } of client.subscribe(['topic~="^/"'], options)) {
      topics.push(topic);
      if (topic === '/before') await client.publish({ topic: '/after' });
      else controller.abort();
    }
    expect(topics).to.deep.equal(['/before', '/after']);
    expect(connected).to.deep.equal(['yes']);
  });

  it("fails with the broker's own text and code", async () => {
    const failures = await Promise.all([
      client.publish({ topic: 'x' }).catch((error: unknown) => error),
      client
        .forward({ timestamp: undefined, namespace: 'a', topic: '/x', event: undefined })
        .catch((error: unknown) => error),
      (async () => {
        for await (const message of client.read({ filters: ['bad=='] })) return message;
        return undefined;
      })().catch((error: unknown) => error),
    ]);
    for (const failure of failures) {
      expect(failure).to.be.instanceOf(FoghornError).with.property('code', 'INVALID_ARGUMENT');
    }
    expect(failures.map((failure) => (failure as Error).message)).to.deep.equal([
      `envelope topic "x": must start with '/': invalid argument`,
      'timestamp must be set on forwarded event: invalid argument',
      'subscription error: failed parsing subscription filters: filters: parse error: [bad==]: expected value or quoted: invalid argument',
    ]);
  });

  it('finds a restarted broker with the first call', async () => {
    const address = `unix://${directory}/f.sock`;
    const options = {
      grpc: [address],
      store: 'memory:',
      protoDirs: [],
      logLevel: 'silent',
    } as const;
    const other = connect({ address });
    for (let round = 0; round < 3; round++) {
      const failure = await other.publish({ topic: '/a' }).catch((error: unknown) => error);
      expect(failure).to.have.property('code', 'UNAVAILABLE');
      const broker = await startServer(options, pino({ level: 'silent' }));
      await other.publish({ topic: '/a' });
      await broker.stop();
    }
    other.close();
  });
});
