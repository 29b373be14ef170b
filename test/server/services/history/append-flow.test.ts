import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import type { EventStore } from '../../../../server/history/store.js';
import {
  appendedOffsets,
  forwarding,
  refused,
  type AppendProbe,
} from '../../../support/append-probe.js';
import { BrokerOverStore } from '../../../support/broker-over-store.js';
import { exitEnvelope, numberOf } from '../../../support/envelopes.js';
import { eventually } from '../../../support/eventually.js';
import { range } from '../../../support/history-seed.js';
import { entriesOf } from '../../../support/responses.js';
import { TestServer } from '../../../support/test-server.js';

const EARLIEST = { $case: 'earliest', value: {} } as const;

function sendEach(append: AppendProbe, first: number, last: number): void {
  for (const n of range(first, last)) append.send([forwarding(exitEnvelope(n))]);
}

describe('a publisher that appends', () => {
  let directory: string;
  let server: TestServer;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-append-'));
    server = await TestServer.start({ store: `lmdb:${directory}` });
  });
  afterEach(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  it('gets all its answers and OK after its last event', async () => {
    const append = server.client().append();
    sendEach(append, 1, 2000);
    append.end();
    expect((await append.toEnd()).flatMap(appendedOffsets)).to.deep.equal(range(1, 2000));
  });

  it('gets OK for an empty stream', async () => {
    const append = server.client().append();
    append.end();
    expect(await append.toEnd()).to.deep.equal([]);
  });

  it('gets an answer for everything stored, and OK, when the broker drains', async () => {
    const client = server.client();
    const [busy, idle] = [client.append(), client.append()];
    sendEach(idle, 1, 1);
    await idle.answers(1);
    sendEach(busy, 2, 3000);
    await busy.answers(1);
    const began = Date.now();
    await server.drain();
    // No connection had to be cut.
    expect(Date.now() - began).to.be.below(4500);
    const answered = [...(await idle.toEnd()), ...(await busy.toEnd())].flatMap(appendedOffsets);
    expect(answered.length).to.be.below(3000);

    const again = await TestServer.start({ store: `lmdb:${directory}` });
    const all = await again.client().read({ start: EARLIEST, stopWhenCaughtUp: true }).toEnd();
    await again.stop();
    expect(answered).to.deep.equal(range(1, answered.length));
    expect(entriesOf(all).map(numberOf)).to.deep.equal(range(1, answered.length));
  });

  it('may cancel without effect on others', async () => {
    const client = server.client();
    const other = client.append();
    sendEach(other, 1, 500);
    for (let round = 0; round < 20; round++) {
      const append = client.append();
      sendEach(append, 2001 + round * 100, 2100 + round * 100);
      // A grpc-js client that cancels in the tick of its call leaves the call open at the server.
      await (round % 2 === 0 ? append.answers(10) : turn());
      append.cancel();
      expect((await append.status).code).to.equal(1);
    }
    sendEach(other, 501, 1000);
    await other.answers(1000);
    const all = await client.read({ start: EARLIEST, stopWhenCaughtUp: true }).toEnd();
    const numbers = entriesOf(all).map(numberOf);
    expect(numbers.filter((n) => n <= 1000)).to.deep.equal(range(1, 1000));
    expect(new Set(numbers).size).to.equal(numbers.length);
    other.end();
  });

  it('gets an error for a malformed message, without effect on others', async () => {
    const client = server.client();
    const other = client.append();
    sendEach(other, 1, 1);
    for (const bytes of ['ffffffff', '0a7f01', '0a']) {
      const append = client.append();
      sendEach(append, 1, 1);
      await append.answers(1);
      append.sendBytes(Buffer.from(bytes, 'hex'));
      sendEach(append, 3, 3);
      expect((await append.status).code, bytes).to.equal(13);
    }
    sendEach(other, 2, 2);
    await other.answers(2);
    other.end();
    await other.toEnd();
    expect((await client.describe()).entryCount).to.equal(2n);
  });
});

describe('a publisher whose store is full', () => {
  it('gets an error for each event, and its stream continues', async () => {
    const server = await BrokerOverStore.start('memory');
    const append = server.client().append();
    sendEach(append, 1, 1);
    await append.answers(1);
    await server.store.close();
    append.send([forwarding(exitEnvelope(2)), forwarding(exitEnvelope(3, { topic: 'bad' }))]);
    sendEach(append, 4, 4);
    const [, both, last] = await append.answers(3);
    const codes = [...both!, ...last!].map((each) => refused(each).code);
    expect(codes).to.deep.equal([14, 3, 14]);
    append.end();
    await append.toEnd();
    await server.stop();
  });
});

describe('a publisher whose store fails with an internal error', () => {
  it('gets an internal error, and the broker continues', async () => {
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    let calls = 0;
    const wrap = (store: EventStore): EventStore => {
      const append: EventStore['append'] = async (envelopes) => {
        calls += 1;
        if (calls === 1) await gate;
        if (calls === 2) throw new Error('broken');
        return store.append(envelopes);
      };
      return new Proxy(store, {
        get(target, name) {
          if (name === 'append') return append;
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
    };
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', note);
    const server = await BrokerOverStore.start('memory', { wrap });
    const client = server.client();
    const append = client.append();
    // The second one fails while the first one is still under way.
    sendEach(append, 1, 2);
    await eventually(() => calls === 2);
    await client.describe();
    calls = 3;
    open();
    expect((await append.status).code).to.equal(13);
    await client.forward(exitEnvelope(3));
    await server.stop();
    process.off('unhandledRejection', note);
    expect(unhandled).to.deep.equal([]);
  });
});
