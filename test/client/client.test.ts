import { expect } from 'chai';
import { Durability, FoghornError, connect, events, pack } from '../../client/index.js';
import type { Client, Entry, Envelope } from '../../client/index.js';
import { TestServer } from '../support/test-server.js';

describe('the client library with a broker', () => {
  let server: TestServer;
  let client: Client;

  beforeEach(async () => {
    server = await TestServer.start();
    client = connect({ address: server.address, namespace: 'moby' });
  });

  afterEach(async () => {
    await client.close();
    await server.stop();
  });

  const exit = pack(events.TaskExit, { containerId: 'c', id: 'c', pid: 7, exitStatus: 137 });

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
    const { cursor, dockerEvent, trace, ...last } = entries.at(-1)!;
    expect(last).to.deep.equal(envelope);
    expect({ dockerEvent, trace }).to.deep.equal({ dockerEvent: undefined, trace: undefined });
    expect(events.TaskExit.decode(last.event!.value).exitStatus).to.equal(137);
    const description = await client.describe();
    expect(description).to.deep.include({
      entryCount: 3n,
      durability: Durability.DURABILITY_MEMORY,
    });
    expect(description.last?.cursor).to.equal(cursor);
  });

  it("subscribes through containerd's call, also to past events", async () => {
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

  it('reaches a restarted broker with the first call', async () => {
    const address = `unix://${server.directory}/other.sock`;
    const other = connect({ address });
    const failure = await other.publish({ topic: '/a' }).catch((error: unknown) => error);
    expect(failure).to.have.property('code', 'UNAVAILABLE');
    for (let round = 0; round < 3; round++) {
      const broker = await TestServer.start({ grpc: [address] });
      await other.publish({ topic: '/a' });
      await broker.stop();
    }
    await other.close();
  });
});
