import { expect } from 'chai';
import { EndReason, GapPolicy, GapReason } from '../../../protos/gen/foghorn/v1/history.js';
import { Envelope } from '../../../protos/gen/containerd/types/event.js';
import type { EventStore } from '../../../server/history/store.js';
import { BrokerOverStore, STORE_KINDS } from '../../support/broker-over-store.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { expectGap, resumeAfter } from '../../support/gaps.js';
import { appendAll } from '../../support/history-append.js';
import { range } from '../../support/history-seed.js';
import { hookReads } from '../../support/read-hooks.js';
import { entriesOf, messagesOf, offsetsOf } from '../../support/responses.js';
import type { TestClient } from '../../support/test-client.js';

const EARLIEST = { $case: 'earliest', value: {} } as const;
const TRIMMED = GapReason.GAP_REASON_TRIMMED;
const HOUR = 3600n * 1_000_000_000n;

/** No exits, so that what is trimmed is gone. */
function noise(first: number, last: number): Envelope[] {
  return range(first, last).map((n) => exitEnvelope(n, { topic: '/tasks/checkpointed' }));
}

for (const kind of STORE_KINDS) {
  describe(`a history that retention has shortened, in a ${kind} store`, () => {
    let server: BrokerOverStore;
    let client: TestClient;
    /** The cursors of entries 1 to 10, of which 6 to 10 are kept. */
    let cursors: string[];

    const retention = {
      age: HOUR,
      bytes: 1 << 30,
      entries: 5,
      lastingAge: 720n * HOUR + 7n,
      lastingBytes: 1 << 20,
    };

    before(async () => {
      server = await BrokerOverStore.start(kind, { retention });
      client = server.client();
      await appendAll(server.store, noise(1, 10));
      const all = await client.read({ start: EARLIEST, stopWhenCaughtUp: true }).toEnd();
      cursors = entriesOf(all).map(({ cursor }) => cursor);
      await server.trim(retention);
    });
    after(() => server.stop());

    for (const [offset, lost] of [
      [1, 4n],
      [4, 1n],
    ] as const) {
      it(`after entry ${offset} has a gap of ${lost}`, () =>
        expectGap(client, cursors[offset - 1]!, TRIMMED, lost, range(6, 10)));
    }

    for (const offset of [5, 6, 10]) {
      it(`after entry ${offset} has no gap`, async () => {
        const all = await client.read(resumeAfter(cursors[offset - 1]!)).toEnd();
        expect(offsetsOf(all)).to.deep.equal(range(offset + 1, 10));
        expect(messagesOf(all, 'gap')).to.deep.equal([]);
      });
    }

    it('is refused to a Subscribe after a removed entry, and to no other', async () => {
      const gone = client.subscribe([], { 'foghorn-after': cursors[3]! });
      const { code, details } = await gone.status;
      expect(code).to.equal(11);
      expect(details).to.contain('the entries after it were trimmed');
      const kept = client.subscribe([], { 'foghorn-after': cursors[4]!, 'foghorn-until': '100' });
      expect(await kept.toEnd()).to.have.lengthOf(5);
    });

    it('begins with the first kept entry', async () => {
      const all = await client.read({ start: EARLIEST, stopWhenCaughtUp: true }).toEnd();
      expect(offsetsOf(all)).to.deep.equal(range(6, 10));
      expect(messagesOf(all, 'gap')).to.deep.equal([]);
    });

    for (const [since, first] of [
      [0n, 6],
      [5n, 6],
      [6n, 6],
      [8n, 8],
      [10n, 10],
      [11n, 11],
    ] as const) {
      it(`since ${since} begins with entry ${first}`, async () => {
        const start = { $case: 'since', value: { seconds: since, nanos: 0 } } as const;
        const all = await client.read({ start, stopWhenCaughtUp: true }).toEnd();
        expect(offsetsOf(all)).to.deep.equal(range(first, 10));
      });
    }

    it('is described by Describe', async () => {
      const described = await client.describe();
      expect(described.first).to.include({ offset: 6n, cursor: cursors[5] });
      expect(described.last).to.include({ offset: 10n, cursor: cursors[9] });
      const bytes = noise(6, 10).map((each) => Envelope.encode(each).finish().length + 100);
      expect(described).to.deep.include({
        entryCount: 5n,
        trimmedCount: 5n,
        keptExitCount: 0n,
        entryBytes: BigInt(bytes.reduce((sum, each) => sum + each)),
        retention: {
          age: { seconds: 3600n, nanos: 0 },
          bytes: 1n << 30n,
          count: 5n,
          exitsAge: { seconds: 2_592_000n, nanos: 7 },
          exitsBytes: 1n << 20n,
        },
      });
    });

    it('has no limits in Describe if none are set', async () => {
      const unlimited = await BrokerOverStore.start(kind);
      expect((await unlimited.client().describe()).retention).to.deep.equal({
        age: undefined,
        bytes: undefined,
        count: undefined,
        exitsAge: undefined,
        exitsBytes: undefined,
      });
      await unlimited.stop();
    });
  });

  describe(`a reader while retention goes on, over a ${kind} store`, () => {
    const KEPT = 100;
    let server: BrokerOverStore;
    let client: TestClient;
    /** Number of long reads before the one that retention overtakes. */
    let readsLeft: number;

    beforeEach(async () => {
      readsLeft = Infinity;
      const wrap = (store: EventStore): EventStore =>
        hookReads(store, {
          before: async (_after, { entries }) => {
            if (entries > 1 && readsLeft-- === 0) await server.trim({ entries: KEPT });
          },
        });
      server = await BrokerOverStore.start(kind, { wrap });
      client = server.client();
    });
    afterEach(() => server.stop());

    it('that is overtaken receives the gap and an end, and can resume after it', async () => {
      await appendAll(server.store, noise(1, 3000));
      readsLeft = 1;
      const all = await client.read({ start: EARLIEST }).toEnd();
      const got = offsetsOf(all).length;
      expect(offsetsOf(all)).to.deep.equal(range(1, got));
      expect(got).to.be.within(1, 3000 - KEPT - 1);
      const { cursor: from } = entriesOf(all).at(-1)!;
      const [gap] = messagesOf(all, 'gap');
      expect(gap).to.include({ reason: TRIMMED, from, lostAtMost: BigInt(3000 - KEPT - got) });
      const end = { reason: EndReason.END_REASON_GAP, cursor: from };
      expect(all.slice(-2).map(({ message }) => message?.$case)).to.deep.equal(['gap', 'end']);
      expect(messagesOf(all, 'end')).to.deep.equal([end]);
      const rest = await client.read(resumeAfter(gap!.to)).toEnd();
      expect(offsetsOf(rest)).to.deep.equal(range(3000 - KEPT + 1, 3000));
    });

    it('that is overtaken and continues receives the gap and the rest', async () => {
      await appendAll(server.store, noise(1, 3000));
      readsLeft = 2;
      const gapPolicy = GapPolicy.GAP_POLICY_CONTINUE;
      const stream = client.read({ start: EARLIEST, gapPolicy });
      await stream.when((all) => messagesOf(all, 'caughtUp').length === 1);
      await client.forward(exitEnvelope(3001));
      const all = await stream.when((some) => offsetsOf(some).at(-1) === 3001);
      const [gap, ...others] = messagesOf(all, 'gap');
      expect(others).to.deep.equal([]);
      const lost = Number(gap!.lostAtMost);
      expect(lost).to.be.above(0);
      const expected = [...range(1, 3000 - KEPT - lost), ...range(3000 - KEPT + 1, 3001)];
      expect(offsetsOf(all)).to.deep.equal(expected);
    });

    it("through containerd's Subscribe that is overtaken ends with OK", async () => {
      await appendAll(server.store, noise(1, 3000));
      const [first] = entriesOf(await client.read({ start: EARLIEST, limit: 1n }).toEnd());
      readsLeft = 1;
      const all = await client.subscribe([], { 'foghorn-after': first!.cursor }).toEnd();
      expect(all.length).to.be.within(1, 3000 - KEPT - 1);
    });

    it('that is live is not affected', async () => {
      const container = { namespace: 'default', containerId: 'c3' };
      const [everything, one] = [client.read(), client.read({ container, start: EARLIEST })];
      await Promise.all(
        [everything, one].map((each) =>
          each.when((some) => messagesOf(some, 'caughtUp').length === 1),
        ),
      );
      for (const round of [0, 1, 2]) {
        await appendAll(server.store, noise(round * 1000 + 1, round * 1000 + 1000));
        await everything.when((some) => offsetsOf(some).length === round * 1000 + 1000);
        await server.trim({ entries: 1 });
      }
      await everything.when((some) => offsetsOf(some).length === 3000);
      await one.when((some) => offsetsOf(some).length === 300);
      expect(offsetsOf(everything.messages)).to.deep.equal(range(1, 3000));
      for (const { messages } of [everything, one]) {
        expect(messagesOf(messages, 'gap')).to.deep.equal([]);
      }
    });
  });
}
