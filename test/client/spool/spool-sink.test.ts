import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { FoghornError, connect, nanosFromTimestamp } from '../../../client/index.js';
import type { Client, ClientStatus, Receipt } from '../../../client/index.js';
import { eventually } from '../../support/eventually.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { range } from '../../support/history-seed.js';
import { TestServer } from '../../support/test-server.js';
import { historyOf, numberedEvent, numbersByPublisher } from '../numbered-events.js';
import { ScriptedPeer, appended, refused, topicOf } from '../scripted-peer.js';
import type { AppendCall } from '../scripted-peer.js';
import type { AppendRequest } from '../../../protos/gen/foghorn/v1/history.js';

const TOPIC = '/tasks/exit';

describe('publishing through a spool', () => {
  let home: TestServer;
  let spool: string;
  let address: string;
  let statuses: ClientStatus[];
  const clients: Client[] = [];
  const servers: TestServer[] = [];
  const peers: ScriptedPeer[] = [];

  beforeEach(async () => {
    // A server of its own only for its directory, which outlives the brokers that come and go.
    home = await TestServer.start();
    spool = join(home.directory, 'spool');
    address = `unix://${home.directory}/broker.sock`;
    statuses = [];
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    for (const peer of peers.splice(0)) peer.kill();
    for (const server of servers.splice(0)) await server.stop();
    await home.stop();
  });

  function client(maxBytes?: number): Client {
    const made = connect({
      address,
      spool: { directory: spool, maxBytes },
      onStatus: (told) => statuses.push(told),
    });
    clients.push(made);
    return made;
  }

  it('stores an event that just fits without its trace, and those after it', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const trace = { traceparent, tracestate: `a=${'x'.repeat(250)}` };
    const event = { typeUrl: 'x', value: Buffer.alloc(16 * 1024 * 1024 - 150) };
    const spooling = client();
    await spooling.publish({ namespace: 'n', topic: '/big', event, trace });
    await spooling.publish({ namespace: 'n', topic: '/small', trace });
    await broker();
    await spooling.drainSpool();
    expect((await spooling.describe()).last?.offset).to.equal(2n);
  });

  async function broker(): Promise<TestServer> {
    const server = await TestServer.start({
      grpc: [address],
      store: `lmdb:${home.directory}/store`,
    });
    servers.push(server);
    return server;
  }

  async function peer(append: (request: AppendRequest, call: AppendCall) => void): Promise<void> {
    const started = new ScriptedPeer(address.replace('unix://', ''), {
      append: (call: AppendCall) => {
        call.on('data', (request: AppendRequest) => {
          append(request, call);
        });
        call.on('error', () => {});
        call.on('end', () => call.end());
      },
    });
    peers.push(started);
    await started.start();
  }

  function publishAll(from: Client, name: string, first: number, last: number): Promise<Receipt[]> {
    return Promise.all(
      range(first, last).map((n) => from.publish({ topic: TOPIC, event: numberedEvent(name, n) })),
    );
  }

  function kinds(receipts: readonly Receipt[]): string[] {
    return [...new Set(receipts.map(({ kind }) => kind))];
  }

  const states = () => statuses.map(({ state }) => state);

  it("returns the broker's answers while the broker is there", async () => {
    await broker();
    const publisher = client();
    const receipts = await publishAll(publisher, 'p', 0, 2499);
    const entries = await historyOf(address);
    expect(receipts).to.deep.equal(
      entries.map(({ cursor }) => ({ kind: 'stored', cursor, duplicate: false })),
    );
    expect(numbersByPublisher(entries).get('p')).to.deep.equal(range(0, 2499));
    const duplicate = await publisher.forward(entries[7]!);
    expect(duplicate).to.deep.equal({
      kind: 'stored',
      cursor: entries[7]!.cursor,
      duplicate: true,
    });
    expect(states()).to.deep.equal(['connected']);
  });

  it('keeps events while the broker is away, and sends them with their times and in order when it is back', async () => {
    const publisher = client();
    const before = BigInt(Date.now()) * 1_000_000n;
    expect(kinds(await publishAll(publisher, 'p', 0, 99))).to.deep.equal(['spooled']);
    const begun = performance.now();
    // It is known by now that the broker is away.
    expect(kinds(await publishAll(publisher, 'p', 100, 199))).to.deep.equal(['spooled']);
    expect(performance.now() - begun).to.be.below(1500);
    const after = BigInt(Date.now() + 1) * 1_000_000n;
    await broker();
    await publisher.drainSpool();
    expect(kinds(await publishAll(publisher, 'p', 200, 299))).to.deep.equal(['stored']);
    const entries = await historyOf(address);
    expect(numbersByPublisher(entries).get('p')).to.deep.equal(range(0, 299));
    const times = entries.slice(0, 200).map(({ timestamp }) => nanosFromTimestamp(timestamp!));
    times.forEach((time, index) => {
      if (index > 0) expect(time > times[index - 1]!).to.equal(true);
      expect(time >= before - 3_000_000n && time <= after).to.equal(true);
    });
    expect(states().filter((state) => state === 'spooling')).to.have.length(1);
    expect(statuses.filter(({ state }) => state === 'drained')).to.deep.equal([
      { state: 'drained', count: 200 },
    ]);
  });

  it('sends the events that an earlier client left', async () => {
    const earlier = client();
    await publishAll(earlier, 'p', 0, 9);
    await earlier.close();
    await broker();
    client();
    await eventually(() => states().includes('drained'));
    const numbers = numbersByPublisher(await historyOf(address));
    expect(numbers.get('p')).to.deep.equal(range(0, 9));
  });

  it('drains through restarts of the broker', async () => {
    const publisher = client();
    await publishAll(publisher, 'p', 0, 4999);
    const drained = publisher.drainSpool();
    for (let restart = 0; restart < 3; restart++) await (await broker()).stop();
    await broker();
    await drained;
    const numbers = numbersByPublisher(await historyOf(address));
    expect(numbers.get('p')).to.deep.equal(range(0, 4999));
  });

  it('may be drained by two clients at once while others publish', async () => {
    const [one, other] = [client(), client()];
    await publishAll(one, 'a', 0, 2999);
    await broker();
    const late = [publishAll(one, 'a', 3000, 5999), publishAll(other, 'b', 0, 2999)];
    await Promise.all([...late, one.drainSpool(), other.drainSpool()]);
    await Promise.all([one.drainSpool(), other.drainSpool()]);
    const numbers = numbersByPublisher(await historyOf(address));
    expect(numbers.get('a')).to.deep.equal(range(0, 5999));
    expect(numbers.get('b')).to.deep.equal(range(0, 2999));
  });

  it('does not wait long for a broker that does not answer', async () => {
    await peer(() => {});
    const publisher = client();
    const begun = performance.now();
    expect(kinds(await publishAll(publisher, 'p', 0, 9))).to.deep.equal(['spooled']);
    expect(performance.now() - begun).to.be.within(1900, 15_000);
    const hasty = performance.now();
    expect(await publisher.publish({ topic: TOPIC }, { timeout: 50 })).to.deep.equal({
      kind: 'spooled',
    });
    expect(performance.now() - hasty).to.be.below(5000);
    const controller = new AbortController();
    const given = publisher.publish({ topic: TOPIC }, { signal: controller.signal });
    setImmediate(() => {
      controller.abort();
    });
    expect(await given).to.deep.equal({ kind: 'spooled' });
  });

  it('drops an event that the broker refuses as invalid, and reports it', async () => {
    await broker();
    const publisher = client();
    const results = await Promise.allSettled([
      publisher.publish({ topic: '/good/1' }),
      publisher.publish({ topic: '/bad topic' }),
      publisher.publish({ topic: '/good/2' }),
    ]);
    expect(results.map((result) => result.status)).to.deep.equal([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    await publisher.drainSpool();
    expect((await historyOf(address)).map(({ topic }) => topic)).to.deep.equal([
      '/good/1',
      '/good/2',
    ]);
    const told = statuses.find(({ state }) => state === 'refused');
    expect(told).to.include({ topic: '/bad topic' });
    expect(told).to.have.property('error').that.has.property('code', 'INVALID_ARGUMENT');
  });

  it('keeps events that the broker cannot store now, in order', async () => {
    const stored: string[] = [];
    let full = 2;
    await peer(({ events }, call) => {
      const results = events.map((event) => {
        if (topicOf(event) === '/t/3' && full > 0)
          return refused(status.RESOURCE_EXHAUSTED, 'no room');
        if (stored.includes('/t/2') && full > 0)
          return refused(status.RESOURCE_EXHAUSTED, 'no room');
        stored.push(topicOf(event));
        return appended(event);
      });
      full--;
      call.write({ results });
    });
    const publisher = client();
    const receipts = await Promise.all(
      range(0, 5).map((n) => publisher.publish({ topic: `/t/${n}` })),
    );
    await publisher.drainSpool();
    expect(stored).to.deep.equal(range(0, 5).map((n) => `/t/${n}`));
    expect(receipts.map(({ kind }) => kind)).to.deep.equal([
      'stored',
      'stored',
      'stored',
      'spooled',
      'spooled',
      'spooled',
    ]);
    expect(statuses.find(({ state }) => state === 'spooling')).to.have.nested.property(
      'error.message',
      'no room',
    );
  });

  it('refuses events that no broker would accept before it keeps them', async () => {
    const publisher = client();
    const failures = await Promise.all(
      [
        publisher.publish({ topic: '' }),
        publisher.publish({ topic: '/a', namespace: '' }),
        publisher.publish({ topic: '/a', event: { typeUrl: 'x', value: Buffer.alloc(2 ** 24) } }),
        publisher.forward(exitEnvelope(1, { timestamp: undefined })),
        publisher.forward(exitEnvelope(1, { timestamp: { seconds: 2n ** 50n, nanos: 0 } })),
        publisher.publish({ topic: '/a' }, { signal: AbortSignal.abort() }),
      ].map((published) => published.catch((error: unknown) => error)),
    );
    expect(failures.map((failure) => (failure as FoghornError).code)).to.deep.equal([
      ...Array.from({ length: 5 }, () => 'INVALID_ARGUMENT'),
      'CANCELLED',
    ]);
    // Empty, without a broker.
    await publisher.drainSpool();
  });

  it('refuses events when it is full', async () => {
    const publisher = client(1000);
    const event = { typeUrl: 'x', value: Buffer.alloc(400) };
    const results = await Promise.allSettled(
      range(0, 3).map(() => publisher.publish({ topic: '/a', event })),
    );
    expect(results.map((result) => result.status)).to.deep.equal([
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    const reason: unknown = (results[3] as PromiseRejectedResult).reason;
    expect(reason).to.be.instanceOf(FoghornError).with.property('code', 'RESOURCE_EXHAUSTED');
    expect((reason as Error).message).to.match(
      /^the spool in .* is full: \d+ bytes wait for the broker, the limit is 1000$/,
    );
  });

  it('releases everything when it is closed', async () => {
    await peer(() => {});
    const publisher = client();
    const published = publishAll(publisher, 'p', 0, 9);
    const drained = publisher.drainSpool().catch((error: unknown) => error);
    await eventually(() => states().includes('connected'));
    const begun = performance.now();
    await publisher.close();
    expect(performance.now() - begun).to.be.below(1900);
    expect(kinds(await published)).to.deep.equal(['spooled']);
    expect(await drained).to.have.property('code', 'CANCELLED');
    const after = await publisher.publish({ topic: '/a' }).catch((error: unknown) => error);
    expect(after).to.have.property('code', 'CANCELLED');
  });

  it('stops draining by a signal', async () => {
    const publisher = client();
    await publishAll(publisher, 'p', 0, 1);
    const controller = new AbortController();
    const drained = publisher.drainSpool({ signal: controller.signal });
    controller.abort();
    expect(await drained.catch((error: unknown) => error)).to.have.property('code', 'CANCELLED');
  });

  it('rejects every call when its directory cannot be used', async () => {
    spool = '/dev/null/spool';
    const publisher = client();
    for (const call of [publisher.publish({ topic: '/a' }), publisher.drainSpool()]) {
      const failure: unknown = await call.catch((error: unknown) => error);
      expect(failure).to.have.property('code', 'FAILED_PRECONDITION');
    }
    await publisher.close();
  });
});
