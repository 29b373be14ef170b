import { expect } from 'chai';
import type { Envelope } from '../../../protos/gen/containerd/types/event.js';
import type { EventStore } from '../../../server/history/store.js';
import { BrokerOverStore, STORE_KINDS } from '../../support/broker-over-store.js';
import { appendAll } from '../../support/history-append.js';
import { range } from '../../support/history-seed.js';
import { isPending } from '../../support/pending.js';
import { hookReads } from '../../support/read-hooks.js';
import { Container, envelopeOf, report, type Happening } from '../../support/task-events.js';

const container = { namespace: 'default', containerId: 'c1' };
const PROBES = 20_000;

function envelopes(happenings: readonly Happening[]): Envelope[] {
  return happenings.map((each) => envelopeOf(each));
}

for (const kind of STORE_KINDS) {
  describe(`wait, in a long history, over a ${kind} store`, () => {
    let server: BrokerOverStore;
    /** Number of entries that the broker has read. */
    let read: number;
    let beforeRead: (key: string | undefined) => Promise<void>;
    const c = new Container('c1');

    beforeEach(async () => {
      read = 0;
      beforeRead = () => Promise.resolve();
      const wrap = (store: EventStore): EventStore =>
        hookReads(store, {
          before: (_after, _limit, key) => beforeRead(key),
          after: ({ length }) => (read += length),
        });
      server = await BrokerOverStore.start(kind, { wrap });
    });
    afterEach(() => server.stop());

    it('does not read the entries of health probes of the same container', async () => {
      const client = server.client();
      await report(client, c.made(), c.create(10), c.start(10), c.paused(), c.resumed(), c.oom());
      const probe = (n: number): Happening[] => [
        c.execStarted(`probe${n}`, n + 100),
        c.exit(n + 100, 0, { id: `probe${n}` }),
      ];
      await appendAll(server.store, envelopes(range(1, PROBES / 2).flatMap(probe)));
      const wait = client.wait({ container });
      expect(await isPending(wait, client)).to.equal(true);
      await report(client, c.exit(10, 42));
      expect((await wait).exitStatus).to.equal(42);
      read = 0;
      expect((await client.wait({ container })).exitStatus).to.equal(42);
      expect(read).to.be.below(10);
      // An exec is no part of the lifecycle, so that it takes them all.
      const execId = `probe${PROBES / 2}`;
      expect((await client.wait({ container, execId })).exitStatus).to.equal(0);
      expect(read).to.be.above(PROBES);
    });

    it('finds the exit of a run whose other entries are removed', async () => {
      const client = server.client();
      await report(client, c.create(10), c.start(10), c.exit(10, 42));
      const { last } = await client.describe();
      await report(client, c.create(20), c.start(20), c.exit(20, 0), c.start(30));
      await server.trim({ entries: 1 });
      const { first, keptExitCount } = await client.describe();
      expect(first!.offset).to.equal(7n);
      // Two runs.
      expect(keptExitCount).to.equal(6n);
      const ended = async (condition: object): Promise<number> =>
        (await client.wait({ container, ...condition })).exitStatus;
      expect(await ended({ condition: { $case: 'pid', value: 10 } })).to.equal(42);
      expect(await ended({ condition: { $case: 'pid', value: 20 } })).to.equal(0);
      // Counting may start at a trimmed position.
      const after = last!.cursor;
      expect(await ended({ condition: { $case: 'nextExit', value: { after } } })).to.equal(0);
      const notRunning = client.wait({ container });
      expect(await isPending(notRunning, client)).to.equal(true);
      await report(client, c.exit(10, 137), c.exit(30, 5));
      expect((await notRunning).exitStatus).to.equal(5);
    });

    for (const [state, ...beginning] of [
      ['goes on', c.create(20), c.start(20)],
      ['is only created', c.create(20)],
    ] as const) {
      it(`does not take an old exit for that of a run that ${state} and whose entries are trimmed`, async () => {
        const client = server.client();
        await report(client, c.create(10), c.start(10), c.exit(10, 42), ...beginning);
        await report(client, new Container('c2').create(1));
        await server.trim({ entries: 1 });
        expect((await client.describe()).entryCount).to.equal(1n);
        const notRunning = client.wait({ container });
        expect(await isPending(notRunning, client)).to.equal(true);
        await report(client, c.exit(20, 5));
        expect((await notRunning).exitStatus).to.equal(5);
      });
    }

    it('continues while retention removes entries that it has read', async () => {
      const client = server.client();
      await report(client, c.create(10), c.start(10));
      const waits = [client.wait({ container }), client.wait({ container, execId: 'e1' })];
      for (const each of waits) expect(await isPending(each, client)).to.equal(true);
      const other = new Container('c2');
      await appendAll(server.store, envelopes(range(1, 3000).map((n) => other.start(n))));
      await server.trim({ entries: 1 });
      await report(client, c.exit(11, 1, { id: 'e1' }), c.exit(10, 42));
      const [own, exec] = await Promise.all(waits);
      expect([own!.exitStatus, exec!.exitStatus]).to.deep.equal([42, 1]);
    });

    for (const execId of ['', 'e1400']) {
      it(`starts over when retention overtakes it, ${execId || 'itself'}`, async () => {
        const client = server.client();
        const runs = range(1, 1500).flatMap((n) => [c.execStarted(`e${n}`, n), c.start(n)]);
        const ends = [c.exit(1400, 6, { id: 'e1400' }), c.exit(1500, 9), c.execAdded('last')];
        await appendAll(server.store, envelopes([...runs, ...ends]));
        let reads = 0;
        beforeRead = async (scope) => {
          if (scope !== undefined && ++reads === 2) await server.trim({ entries: 1 });
        };
        const { exitStatus } = await client.wait({ container, execId });
        expect(exitStatus).to.equal(execId === '' ? 9 : 6);
        expect(reads).to.be.above(2);
        expect((await client.describe()).entryCount).to.equal(1n);
      });
    }
  });
}
