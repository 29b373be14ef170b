import { expect } from 'chai';
import type { Timestamp } from '../../../protos/gen/google/protobuf/timestamp.js';
import { timestampFromNanos } from '../../../protocol/timestamp.js';
import { exitEnvelope, exitEvent } from '../../support/envelopes.js';
import { range, forwardAll } from '../../support/history-seed.js';
import { messagesOf, offsetsOf } from '../../support/responses.js';
import type { TestClient } from '../../support/test-client.js';
import { TestServer } from '../../support/test-server.js';

const EARLIEST = { $case: 'earliest', value: {} } as const;

function seconds(n: number, nanos = 0): Timestamp {
  return { seconds: BigInt(n), nanos };
}

function fromNow(milliseconds: number): Timestamp {
  return timestampFromNanos(BigInt(Date.now() + milliseconds) * 1_000_000n);
}

function since(value: Timestamp) {
  return { $case: 'since', value } as const;
}

describe('since', () => {
  let server: TestServer;
  let client: TestClient;

  // Times out of order, as they come from many shims.
  const TIMES = [50, 10, 90, 20, 70, 70, 30, 95, 60];

  before(async () => {
    server = await TestServer.start();
    client = server.client();
    await forwardAll(
      client,
      TIMES.map((time, at) => exitEnvelope(time, { event: exitEvent(at) })),
    );
  });
  after(() => server.stop());

  for (const time of [0, 10, 11, 50, 60, 70, 90, 91, 95]) {
    it(`${time} finds events of that time or later, wherever they are stored`, async () => {
      const start = since(seconds(time));
      const all = await client.read({ start, stopWhenCaughtUp: true }).toEnd();
      const later = TIMES.flatMap((each, at) => (each >= time ? [at + 1] : []));
      expect(offsetsOf(all)).to.deep.equal(later);
    });
  }

  it('distinguishes nanoseconds', async () => {
    const start = since(seconds(95, 1));
    const all = await client.read({ start, stopWhenCaughtUp: true }).toEnd();
    expect(offsetsOf(all)).to.deep.equal([]);
  });

  it('finds no past events if it is in the future, and all later ones', async () => {
    const stream = client.read({ start: since(fromNow(3600_000)) });
    await stream.when((all) => messagesOf(all, 'caughtUp').length === 1);
    await client.forward(exitEnvelope(1));
    await stream.when((all) => offsetsOf(all).length === 1);
    expect(offsetsOf(stream.messages)).to.deep.equal([TIMES.length + 1]);
    stream.cancel();
  });

  it('accepts times of any age', async () => {
    for (const start of [
      since(seconds(-62_135_596_800)),
      since({ seconds: -(2n ** 63n), nanos: 0 }),
    ]) {
      const all = await client.read({ start, limit: 9n }).toEnd();
      expect(offsetsOf(all)).to.deep.equal(range(1, 9));
    }
    const start = since({ seconds: 2n ** 63n - 1n, nanos: 0 });
    const all = await client.read({ start, stopWhenCaughtUp: true }).toEnd();
    expect(offsetsOf(all)).to.deep.equal([]);
  });
});

describe('until', () => {
  let server: TestServer;
  let client: TestClient;

  before(async () => {
    server = await TestServer.start();
    client = server.client();
    await forwardAll(
      client,
      [30, 10, 20, 40, 20].map((time, at) => exitEnvelope(time, { event: exitEvent(at) })),
    );
  });
  after(() => server.stop());

  it('a past time ends with the events up to then', async () => {
    const all = await client.read({ start: EARLIEST, until: seconds(20) }).toEnd();
    expect(offsetsOf(all)).to.deep.equal([2, 3, 5]);
    expect(messagesOf(all, 'end')).to.have.lengthOf(1);
  });

  it('a past time, from now on, ends at once', async () => {
    const all = await client.read({ until: seconds(20) }).toEnd();
    expect(messagesOf(all, 'end')).to.have.lengthOf(1);
    expect(offsetsOf(all)).to.deep.equal([]);
  });

  it('a future time follows the history until then, and ends by itself', async () => {
    const until = fromNow(400);
    const stream = client.read({ until });
    await stream.headers;
    const { last } = await client.describe();
    await client.forward(exitEnvelope(1));
    await client.forward(exitEnvelope(2, { timestamp: fromNow(3600_000) }));
    const all = await stream.toEnd();
    expect(Date.now()).to.be.at.least(Number(until.seconds) * 1000 + until.nanos / 1e6);
    expect(offsetsOf(all)).to.deep.equal([Number(last!.offset) + 1]);
    expect(messagesOf(all, 'end')).to.have.lengthOf(1);
  });

  it('a time beyond the longest timer keeps the stream open', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    const stream = client.read({ until: fromNow(60 * 24 * 3600_000) });
    await stream.headers;
    await client.forward(exitEnvelope(3));
    await stream.when((all) => offsetsOf(all).length === 1);
    await client.forward(exitEnvelope(4));
    await stream.when((all) => offsetsOf(all).length === 2);
    stream.cancel();
    process.off('warning', note);
    expect(warnings).to.deep.equal([]);
  });
});
