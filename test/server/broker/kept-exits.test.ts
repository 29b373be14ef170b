import { expect } from 'chai';
import { EndReason, type ReadRequest } from '../../../protos/gen/foghorn/v1/history.js';
import { BROKER } from '../../../server/access/caller.js';
import { CursorWriter } from '../../../server/events/cursor.js';
import { parseFilters } from '../../../server/filter/index.js';
import { BrokerOverStore, STORE_KINDS } from '../../support/broker-over-store.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { appendAll } from '../../support/history-append.js';
import { range } from '../../support/history-seed.js';
import { entriesOf, messagesOf, offsetsOf } from '../../support/responses.js';
import type { TestClient } from '../../support/test-client.js';

const EARLIEST = { $case: 'earliest', value: {} } as const;
const EXITS = 'topic=="/tasks/exit"';
const COMPLETE = EndReason.END_REASON_COMPLETE;

function since(seconds: number) {
  return { $case: 'since', value: { seconds: BigInt(seconds), nanos: 0 } } as const;
}

/** Every fourth is an exit, and the n-th is about container n % 10. */
const HISTORY = range(1, 40).map((n) =>
  exitEnvelope(n, n % 4 === 0 ? {} : { topic: '/tasks/checkpointed' }),
);
/** The exits 4, 8, … 28 outlast the other entries. */
const FIRST = 31;
const KEPT = [4, 8, 12, 16, 20, 24, 28];
const LATER = [32, 36, 40];

for (const kind of STORE_KINDS) {
  describe(`kept exits of a ${kind} store`, () => {
    let server: BrokerOverStore;
    let client: TestClient;
    let cursors: string[];

    const c4 = { namespace: 'default', containerId: 'c4' };

    before(async () => {
      server = await BrokerOverStore.start(kind);
      client = server.client();
      await appendAll(server.store, HISTORY);
      const all = await client.read({ start: EARLIEST, stopWhenCaughtUp: true }).toEnd();
      cursors = entriesOf(all).map(({ cursor }) => cursor);
      await server.trim({ entries: 10 });
    });
    after(() => server.stop());

    /** Offsets of kept exits, and of entries; a kept exit after an entry is an error. */
    async function read(
      request: Partial<ReadRequest>,
    ): Promise<{ kept: number[]; rest: number[] }> {
      const all = await client.read({ stopWhenCaughtUp: true, ...request }).toEnd();
      const batches = messagesOf(all, 'entries');
      const firstRest = batches.findIndex(({ keptExits }) => !keptExits);
      const isKept = (at: number): boolean => firstRest === -1 || at < firstRest;
      expect(batches.map(({ keptExits }) => keptExits)).to.deep.equal(
        batches.map((_, at) => isKept(at)),
      );
      const offsets = offsetsOf(all);
      const kept = batches.flatMap((batch) => (batch.keptExits ? batch.entries : [])).length;
      return { kept: offsets.slice(0, kept), rest: offsets.slice(kept) };
    }

    const DELIVERED: Readonly<Record<string, [Partial<ReadRequest>, number[], number[]]>> = {
      'a read of exits': [{ filters: [EXITS] }, KEPT, LATER],
      'a read of exits and more exits': [{ filters: ['topic=="/tasks/oom"', EXITS] }, KEPT, LATER],
      'a read of the exits of one container': [
        { filters: [`${EXITS},event.container_id==c4`] },
        [4, 24],
        [],
      ],
      'a read of exits with a code': [{ filters: [`event.exit_status==12,${EXITS}`] }, [12], []],
      'a read of exits and starts': [{ filters: ['topic=="/tasks/start"', EXITS] }, KEPT, LATER],
      'a read of other exits': [{ filters: ['topic=="/tasks/oom"'] }, [], []],
      'a read of one container': [{ container: c4 }, [4, 24], [34]],
      'a read of one container with a filter': [
        { container: c4, filters: ['event.exit_status==24'] },
        [24],
        [],
      ],
      'a read since before the first': [
        { filters: [EXITS], start: since(10) },
        KEPT.slice(2),
        LATER,
      ],
      'a read since the first': [{ filters: [EXITS], start: since(FIRST) }, [], LATER],
      'a read since after the first': [{ filters: [EXITS], start: since(33) }, [], [36, 40]],
      'a read until before the first': [
        { filters: [EXITS], until: { seconds: 10n, nanos: 0 } },
        [4, 8],
        [],
      ],
      'a read that is too wide': [{}, [], range(FIRST, 40)],
      'a read by a pattern': [{ filters: ['topic~="exit$"'] }, [], LATER],
      'a read of which one filter names no exit': [
        { filters: [EXITS, 'event.exit_status==33'] },
        [],
        [32, 33, 36, 40],
      ],
      'a read that names a container in its filter only': [
        { filters: ['namespace==default,event.container_id==c4'] },
        [],
        [34],
      ],
    };
    for (const [name, [request, kept, rest]] of Object.entries(DELIVERED)) {
      it(`${name} gets ${kept.length} of them`, async () => {
        expect(await read({ start: EARLIEST, ...request })).to.deep.equal({ kept, rest });
      });
    }

    it('are counted apart from removed entries', async () => {
      const described = await client.describe();
      const kept = BigInt(KEPT.length);
      expect(described).to.include({ keptExitCount: kept, trimmedCount: 30n - kept });
      expect(described.entryCount).to.equal(10n);
      expect(described.first).to.include({ offset: BigInt(FIRST), cursor: cursors[FIRST - 1] });
    });

    it('are not part of a resume', async () => {
      const start = { $case: 'after', value: cursors[FIRST - 2]! } as const;
      for (const request of [{ filters: [EXITS] }, { container: c4 }]) {
        const { kept, rest } = await read({ ...request, start });
        expect(kept).to.deep.equal([]);
        expect(rest).to.not.deep.equal([]);
      }
      const after = { $case: 'after', value: cursors[23]! } as const;
      expect((await client.read({ filters: [EXITS], start: after }).status).code).to.equal(11);
    });

    it('can be resumed between two of them', async () => {
      for (const [at, offset] of KEPT.entries()) {
        const keptExitsAfter = cursors[offset - 1]!;
        const request = { filters: [EXITS], keptExitsAfter };
        const expected = { kept: KEPT.slice(at + 1), rest: LATER };
        expect(await read({ ...request, start: EARLIEST })).to.deep.equal(expected);
        expect(await read({ ...request, start: since(0) })).to.deep.equal(expected);
      }
    });

    it('cannot be resumed after an invalid cursor, or one of another history', async () => {
      const request = { filters: [EXITS], start: EARLIEST };
      const garbage = client.read({ ...request, keptExitsAfter: 'x' });
      expect((await garbage.status).code).to.equal(3);
      const foreign = new CursorWriter('0123456789abcdef').cursor(4, 1);
      const { code, details } = await client.read({ ...request, keptExitsAfter: foreign }).status;
      expect(code).to.equal(11);
      expect(details).to.contain('another history');
    });

    it('count for the limit, whose end then has no cursor', async () => {
      for (const limit of [1, 3, 7, 8]) {
        const all = await client
          .read({ filters: [EXITS], start: EARLIEST, limit: BigInt(limit) })
          .toEnd();
        const expected = [...KEPT, ...LATER].slice(0, limit);
        expect(offsetsOf(all)).to.deep.equal(expected);
        const cursor = limit <= KEPT.length ? '' : cursors[expected.at(-1)! - 1];
        expect(messagesOf(all, 'end')).to.deep.equal([{ reason: COMPLETE, cursor }]);
      }
    });

    it('are followed by live entries', async () => {
      const stream = client.read({ filters: [EXITS], start: EARLIEST });
      await stream.when((all) => messagesOf(all, 'caughtUp').length === 1);
      expect(offsetsOf(stream.messages)).to.deep.equal([...KEPT, ...LATER]);
      const other = server.client().read({ filters: ['topic=="/live"'] });
      await other.headers;
      await client.publish('/live', undefined);
      await other.when((all) => offsetsOf(all).length === 1);
      stream.cancel();
      other.cancel();
    });

    it('end without a cursor when the broker drains before the last of them', async () => {
      const draining = await BrokerOverStore.start(kind);
      await appendAll(draining.store, HISTORY);
      await draining.trim({ entries: 10 });
      const options = {
        filter: parseFilters([EXITS]),
        scope: undefined,
        start: { kind: 'earliest' },
        until: undefined,
        stopWhenCaughtUp: false,
        limit: Infinity,
        onGap: 'fail',
      } as const;
      const gone = new AbortController();
      const messages = [];
      for await (const message of await draining.broker.subscribe(BROKER, options, gone.signal)) {
        messages.push(message);
        draining.broker.drain();
      }
      const [exits, end, ...more] = messages;
      expect(exits).to.include({ kind: 'entries', keptExits: true });
      expect(end).to.deep.equal({ kind: 'end', reason: 'shutdown', cursor: '', wasLive: false });
      expect(more).to.deep.equal([]);
      gone.abort();
      await draining.stop();
    });
  });
}
