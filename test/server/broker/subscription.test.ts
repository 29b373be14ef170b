import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { EndReason } from '../../../protos/gen/foghorn/v1/history.js';
import { exitEnvelope, numberOf } from '../../support/envelopes.js';
import { eventually } from '../../support/eventually.js';
import { forwardAll, range, seedStore } from '../../support/history-seed.js';
import { entriesOf, messagesOf, offsetsOf } from '../../support/responses.js';
import type { TestClient } from '../../support/test-client.js';
import { TestServer } from '../../support/test-server.js';

const EARLIEST = { $case: 'earliest', value: {} } as const;

describe('a subscription', () => {
  let server: TestServer;
  let client: TestClient;

  beforeEach(async () => {
    server = await TestServer.start();
    client = server.client();
  });
  afterEach(() => server.stop());

  function forward(first: number, last: number): Promise<void> {
    return forwardAll(
      client,
      range(first, last).map((n) => exitEnvelope(n)),
    );
  }

  it('from now on receives the entries that are stored after it was opened', async () => {
    await forward(1, 3);
    const stream = client.read();
    await stream.headers;
    await forward(4, 5);
    const responses = await stream.when((all) => offsetsOf(all).length === 2);
    expect(entriesOf(responses).map(numberOf)).to.deep.equal([4, 5]);
  });

  it('from the earliest entry receives the history, a caught-up message, and then live entries', async () => {
    await forward(1, 1100);
    const stream = client.read({ start: EARLIEST });
    await stream.when((all) => messagesOf(all, 'caughtUp').length === 1);
    expect(offsetsOf(stream.messages)).to.deep.equal(range(1, 1100));
    const last = entriesOf(stream.messages).at(-1)!.cursor;
    expect(messagesOf(stream.messages, 'caughtUp')).to.deep.equal([{ cursor: last }]);

    await forward(1101, 1102);
    await stream.when((all) => offsetsOf(all).length === 1102);
    expect(offsetsOf(stream.messages)).to.deep.equal(range(1, 1102));
    expect(messagesOf(stream.messages, 'caughtUp')).to.have.lengthOf(1);
  });

  it('on an empty history has caught up at once, with a valid cursor', async () => {
    const stream = client.read({ start: EARLIEST });
    const [first] = await stream.when(({ length }) => length === 1);
    const { cursor } = messagesOf([first!], 'caughtUp')[0]!;
    await forward(1, 1);
    const resumed = client.read({ start: { $case: 'after', value: cursor } });
    await resumed.when((all) => offsetsOf(all).length === 1);
    expect(offsetsOf(resumed.messages)).to.deep.equal([1]);
  });

  it('after any cursor receives exactly the entries that follow', async () => {
    await forward(1, 20);
    const all = await client.read({ start: EARLIEST, stopWhenCaughtUp: true }).toEnd();
    for (const [at, { cursor }] of entriesOf(all).entries()) {
      const start = { $case: 'after', value: cursor } as const;
      const rest = await client.read({ start, stopWhenCaughtUp: true }).toEnd();
      expect(offsetsOf(rest)).to.deep.equal(range(at + 2, 20));
    }
  });

  it('ends at its limit, with the cursor of the last entry', async () => {
    await forward(1, 10);
    const end = { reason: EndReason.END_REASON_COMPLETE };
    for (const limit of [1, 4, 10]) {
      const all = await client.read({ start: EARLIEST, limit: BigInt(limit) }).toEnd();
      expect(offsetsOf(all)).to.deep.equal(range(1, limit));
      const { cursor } = entriesOf(all).at(-1)!;
      expect(messagesOf(all, 'end')).to.deep.equal([{ ...end, cursor }]);
    }
    const live = client.read({ limit: 2n });
    await live.headers;
    await forward(11, 15);
    expect(offsetsOf(await live.toEnd())).to.deep.equal([11, 12]);
  });

  it('that stops when caught up misses nothing between its end and a resume', async () => {
    const publishing = new AbortController();
    let stored = 0;
    const publisher = (async () => {
      while (!publishing.signal.aborted) await forward(stored + 1, (stored += 50));
    })();
    const seen: number[] = [];
    let start: Parameters<TestClient['read']>[0] = { start: EARLIEST };
    for (let i = 0; i < 30; i++) {
      const all = await client.read({ ...start, stopWhenCaughtUp: true }).toEnd();
      seen.push(...offsetsOf(all));
      start = { start: { $case: 'after', value: messagesOf(all, 'end')[0]!.cursor } };
    }
    publishing.abort();
    await publisher;
    seen.push(...offsetsOf(await client.read({ ...start, stopWhenCaughtUp: true }).toEnd()));
    expect(seen).to.deep.equal(range(1, stored));
  });

  it('of one container receives the same entries as a filter over all', async () => {
    const envelopes = range(1, 300).map((n) =>
      exitEnvelope(n, n % 3 === 0 ? { namespace: 'other' } : {}),
    );
    await forwardAll(client, envelopes);
    const filters = ['namespace==default,event.container_id==c4'];
    const scan = await client.read({ filters, start: EARLIEST, stopWhenCaughtUp: true }).toEnd();
    const container = { namespace: 'default', containerId: 'c4' };
    const keyed = client.read({ container, start: EARLIEST });
    await keyed.when((all) => messagesOf(all, 'caughtUp').length === 1);
    expect(offsetsOf(scan)).to.have.lengthOf(20);
    expect(entriesOf(keyed.messages)).to.deep.equal(entriesOf(scan));

    await client.forward(exitEnvelope(4, { namespace: 'other' }));
    await client.forward(exitEnvelope(304));
    await keyed.when((all) => offsetsOf(all).length === 21);
    expect(numberOf(entriesOf(keyed.messages).at(-1)!)).to.equal(304);
  });

  it('whose filter names an id finds it in every namespace, as a scan does', async () => {
    const namespaceOf = (n: number): string => ['default', 'other', 'third'][n % 3]!;
    const envelopes = (first: number, last: number) =>
      range(first, last).map((n) => exitEnvelope(n, { namespace: namespaceOf(n) }));
    await forwardAll(client, envelopes(1, 600));
    const filters = ['event.container_id==c4'];
    const found = client.read({ filters, start: EARLIEST });
    await found.when((all) => messagesOf(all, 'caughtUp').length === 1);
    // A second filter could be of any container.
    const request = { filters: [...filters, 'event.nosuch==x'], start: EARLIEST };
    const scan = await client.read({ ...request, stopWhenCaughtUp: true }).toEnd();
    expect(offsetsOf(scan)).to.deep.equal(range(0, 59).map((i) => 10 * i + 4));
    expect(entriesOf(found.messages)).to.deep.equal(entriesOf(scan));

    await forwardAll(client, envelopes(601, 630));
    await found.when((all) => offsetsOf(all).length === 63);
    expect(offsetsOf(found.messages).slice(60)).to.deep.equal([604, 614, 624]);
  });

  it('of an unknown container has caught up at once, at the end of the history', async () => {
    await forward(1, 30);
    const container = { namespace: 'default', containerId: 'nobody' };
    const stream = client.read({ container, start: EARLIEST });
    await stream.when((all) => messagesOf(all, 'caughtUp').length === 1);
    const { last } = await client.describe();
    expect(messagesOf(stream.messages, 'caughtUp')).to.deep.equal([{ cursor: last!.cursor }]);
  });

  it('ends with its position when the server drains, and can be resumed there', async () => {
    await forward(1, 5);
    const stream = client.read({ filters: ['event.pid==3'], start: EARLIEST });
    await stream.when((all) => messagesOf(all, 'caughtUp').length === 1);
    const { last } = await client.describe();
    await server.drain();
    const all = await stream.toEnd();
    const end = { reason: EndReason.END_REASON_SHUTDOWN, cursor: last!.cursor };
    expect(all.at(-1)).to.deep.equal({ message: { $case: 'end', value: end } });
  });

  it('that its reader cancels while it waits is gone', async () => {
    const streams = [
      client.read(),
      client.read({ filters: ['topic=="/none"'] }),
      client.subscribe(),
    ];
    await Promise.all(streams.map((stream) => stream.headers));
    expect((await client.describe()).subscriptionCount).to.equal(3);
    for (const stream of streams) stream.cancel();
    await eventually(async () => (await client.describe()).subscriptionCount === 0);
  });

  it('goes back to the store while its reader is slow, without a gap or a repeat', async () => {
    const topic = `/${'x'.repeat(50)}`.repeat(80);
    const large = (first: number, last: number) =>
      range(first, last).map((n) => exitEnvelope(n, { topic }));
    const stream = client.read();
    await stream.when((all) => messagesOf(all, 'caughtUp').length === 1);
    for (const round of [0, 1]) {
      stream.pause();
      // 10 MB, which is more than the window and all buffers can hold.
      await forwardAll(client, large(round * 2500 + 1, round * 2500 + 2500));
      stream.resume();
      const total = (round + 1) * 2500;
      // It may catch up and fall behind again before its reader is paused by full buffers.
      await stream.when((all) => offsetsOf(all).length >= total);
      await stream.when((all) => messagesOf(all, 'caughtUp').length >= round + 2);
      expect(offsetsOf(stream.messages)).to.deep.equal(range(1, total));
    }
  }).timeout(60_000);
});

describe('a subscription whose filter matches nothing', () => {
  let directory: string;
  let server: TestServer;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-progress-'));
    await seedStore(
      `lmdb:${directory}`,
      range(1, 31_000).map((n) => exitEnvelope(n)),
    );
    server = await TestServer.start({ store: `lmdb:${directory}` });
  });
  after(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  it('receives its position every 10,000 entries, and can resume there', async () => {
    const client = server.client();
    const filters = ['topic=="/none"'];
    const stream = client.read({ filters, start: EARLIEST });
    await stream.when((all) => messagesOf(all, 'caughtUp').length === 1);
    const progress = messagesOf(stream.messages, 'progress');
    expect(progress).to.have.lengthOf(3);
    for (const [at, { cursor }] of progress.entries()) {
      const start = { $case: 'after', value: cursor } as const;
      const [next] = entriesOf(await client.read({ start, limit: 1n }).toEnd());
      expect(numberOf(next!)).to.be.within((at + 1) * 10_000, (at + 1) * 10_000 + 2000);
    }
    stream.cancel();
  });
});
