import { expect } from 'chai';
import type { ReadRequest } from '../../../protos/gen/foghorn/v1/history.js';
import type { EventStore } from '../../../server/history/store.js';
import { BrokerOverStore, STORE_KINDS } from '../../support/broker-over-store.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { appendAll } from '../../support/history-append.js';
import { range } from '../../support/history-seed.js';
import { hookReads } from '../../support/read-hooks.js';
import { messagesOf, offsetsOf } from '../../support/responses.js';
import type { TestClient } from '../../support/test-client.js';

const EARLIEST = { $case: 'earliest', value: {} } as const;

/** Every fourth is an exit. */
function history(first: number, last: number) {
  return range(first, last).map((n) =>
    exitEnvelope(n, n % 4 === 0 ? {} : { topic: '/tasks/checkpointed' }),
  );
}

for (const kind of STORE_KINDS) {
  describe(`a reader from the earliest entry, which is trimmed before the first read, over a ${kind} store`, () => {
    let server: BrokerOverStore;
    let client: TestClient;
    let beforeRead: () => Promise<void>;
    let beforeLasting: () => Promise<void>;

    beforeEach(async () => {
      beforeRead = beforeLasting = () => Promise.resolve();
      const wrap = (store: EventStore): EventStore =>
        hookReads(store, {
          before: (_after, { entries }) => (entries > 1 ? beforeRead() : Promise.resolve()),
          beforeLasting: () => beforeLasting(),
        });
      server = await BrokerOverStore.start(kind, { wrap });
      client = server.client();
      await appendAll(server.store, history(1, 40));
      await server.trim({ entries: 30 });
    });
    afterEach(() => server.stop());

    async function read(request: Partial<ReadRequest>): Promise<number[]> {
      const all = await client
        .read({ start: EARLIEST, stopWhenCaughtUp: true, ...request })
        .toEnd();
      expect(messagesOf(all, 'gap')).to.deep.equal([]);
      return offsetsOf(all);
    }

    /** Trims once, at the nth call. */
    function trimAt(call: number): () => Promise<void> {
      let calls = 0;
      return async () => {
        if (++calls === call) await server.trim({ entries: 10 });
      };
    }

    const filters = ['topic=="/tasks/exit"'];
    const exits = range(1, 10).map((n) => n * 4);

    it('begins with the entries that are kept then, without a gap', async () => {
      beforeRead = trimAt(1);
      expect(await read({})).to.deep.equal(range(31, 40));
    });

    it('receives the exits that were kept meanwhile, once', async () => {
      beforeRead = trimAt(1);
      expect(await read({ filters })).to.deep.equal(exits);
    });

    for (const call of [1, 2]) {
      it(`receives them once if that happens before read ${call} of kept exits`, async () => {
        beforeLasting = trimAt(call);
        expect(await read({ filters })).to.deep.equal(exits);
      });
    }

    it('receives them if it begins at a time that was after the first entry', async () => {
      beforeRead = trimAt(1);
      const since = { $case: 'since', value: { seconds: 33n, nanos: 0 } } as const;
      expect(await read({ filters, start: since })).to.deep.equal([36, 40]);
      beforeRead = () => server.trim({ entries: 2 }).then(() => undefined);
      expect(await read({ filters, start: since })).to.deep.equal([36, 40]);
    });

    it('receives them once, however often that happens', async () => {
      let kept = 30;
      beforeLasting = async () => {
        kept = Math.max(1, kept - 7);
        await server.trim({ entries: kept });
      };
      expect(await read({ filters })).to.deep.equal(exits);
    });
  });
}
