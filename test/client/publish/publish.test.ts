import { expect } from 'chai';
import { FoghornError, connect } from '../../../client/index.js';
import type { Client, ClientStatus, Envelope, Receipt } from '../../../client/index.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { range } from '../../support/history-seed.js';
import { TestServer } from '../../support/test-server.js';
import { historyOf, numberedEvent, numbersByPublisher } from '../numbered-events.js';

const TOPIC = '/tasks/exit';

describe('publishing to a broker', () => {
  let server: TestServer;
  let client: Client;
  let statuses: ClientStatus[];

  beforeEach(async () => {
    server = await TestServer.start();
    statuses = [];
    client = connect({ address: server.address, onStatus: (told) => statuses.push(told) });
  });

  afterEach(async () => {
    await client.close();
    await server.stop();
  });

  it('stores 10,000 concurrent events once, in the order of the calls', async () => {
    const receipts = await Promise.all(
      range(0, 9999).map((n) => client.publish({ topic: TOPIC, event: numberedEvent('p', n) })),
    );
    const entries = await historyOf(server.address);
    expect(numbersByPublisher(entries).get('p')).to.deep.equal(range(0, 9999));
    expect(receipts.map((receipt) => 'cursor' in receipt && receipt.cursor)).to.deep.equal(
      entries.map(({ cursor }) => cursor),
    );
    expect(statuses).to.deep.equal([{ state: 'connected' }]);
  });

  it('keeps the order of publications and forwards', async () => {
    await Promise.all(
      range(0, 99).map((n) =>
        n % 2 === 0
          ? client.publish({ topic: TOPIC, event: numberedEvent('p', n) })
          : client.forward(exitEnvelope(n, { event: numberedEvent('p', n) })),
      ),
    );
    const numbers = numbersByPublisher(await historyOf(server.address));
    expect(numbers.get('p')).to.deep.equal(range(0, 99));
  });

  it('rejects the one bad event among 100', async () => {
    const results = await Promise.allSettled(
      range(0, 99).map((n) => client.publish({ topic: n === 50 ? 'x' : TOPIC })),
    );
    const failed = results.flatMap((result, n) => (result.status === 'rejected' ? [n] : []));
    expect(failed).to.deep.equal([50]);
    expect(await historyOf(server.address)).to.have.length(99);
  });

  const big = (bytes: number) => ({ typeUrl: 'x', value: Buffer.alloc(bytes) });
  const bad: Record<string, [Partial<Envelope>, string]> = {
    'a time that no message can carry': [
      { timestamp: { seconds: 1n, nanos: 2 ** 40 } },
      'cannot be encoded',
    ],
    'an event that no message can carry': [{ event: big(16 * 1024 * 1024) }, 'event too large'],
    'an event without a payload': [{ event: {} as never }, 'cannot be encoded'],
    'an event that no reader could be sent': [
      { event: big(16 * 1024 * 1024 - 90) },
      'event too large',
    ],
  };
  for (const [what, [changes, text]] of Object.entries(bad)) {
    it(`refuses ${what}, and nothing else with it`, async () => {
      const [before, failure, after] = await Promise.all([
        client.forward(exitEnvelope(1)),
        client.forward(exitEnvelope(2, changes)).catch((error: unknown) => error),
        client.forward(exitEnvelope(3)),
      ]);
      expect([before.kind, after.kind]).to.deep.equal(['stored', 'stored']);
      expect(failure).to.be.instanceOf(FoghornError).with.property('code', 'INVALID_ARGUMENT');
      expect((failure as Error).message).to.include(text);
    });
  }

  it('carries the largest event that a reader can be sent', async () => {
    const receipt = await client.publish({ topic: '/big', event: big(16 * 1024 * 1024 - 200) });
    expect(receipt.kind).to.equal('stored');
  });

  it('returns the position of the first event for a forwarded duplicate', async () => {
    const first = await client.forward(exitEnvelope(1));
    const second = await client.forward(exitEnvelope(1));
    expect(second).to.deep.equal({ ...first, duplicate: true });
  });

  it('finishes the calls under way when it is closed', async () => {
    const published = Promise.all(range(0, 99).map(() => client.publish({ topic: TOPIC })));
    // Connecting takes a moment, and only then is there anything to wait for.
    await client.describe();
    await client.close();
    const receipts: Receipt[] = await published;
    expect(receipts.every(({ kind }) => kind === 'stored')).to.equal(true);
  });

  it('has a spool only on request', async () => {
    const failure = await client.drainSpool().catch((error: unknown) => error);
    expect(failure).to.have.property('code', 'FAILED_PRECONDITION');
  });
});
