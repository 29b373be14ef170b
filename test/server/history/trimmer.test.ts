import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import type { EventStore, Retention, Trimmed } from '../../../server/history/store.js';
import { Trimmer } from '../../../server/history/trimmer.js';
import { BrokerOverStore, KEEP_ALL, STORE_KINDS } from '../../support/broker-over-store.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { eventually } from '../../support/eventually.js';
import { appendAll } from '../../support/history-append.js';
import { range } from '../../support/history-seed.js';
import { TestServer } from '../../support/test-server.js';

const INTERVAL_MS = 50;
const ONE: Retention = { ...KEEP_ALL, entries: 1 };
/** A clock that can be relied on. */
const RELIABLE = { check: () => Promise.resolve(true) };

function noise(first: number, last: number) {
  return range(first, last).map((n) => exitEnvelope(n, { topic: '/tasks/checkpointed' }));
}

/** The store, with a hook before each step of trimming that may make it fail. */
function watchTrims(store: EventStore, onStep: () => Promise<void> | void): EventStore {
  return {
    trim: async (retention: Retention): Promise<Trimmed> => {
      await onStep();
      return store.trim(retention);
    },
  } as Partial<EventStore> as EventStore;
}

for (const kind of STORE_KINDS)
  describe(`the trimmer of a ${kind} store`, () => {
    let server: BrokerOverStore;

    beforeEach(async () => {
      server = await BrokerOverStore.start(kind);
    });
    afterEach(() => server.stop());

    async function kept(): Promise<number> {
      const { first, last } = await server.store.bounds();
      return last - first + 1;
    }

    it('tries again at the next interval after an error, which it reports once', async () => {
      await appendAll(server.store, noise(1, 10));
      const errors: unknown[] = [];
      let steps = 0;
      let failuresToCome = 2;
      const broken = new Error('broken');
      const failing = watchTrims(server.store, () => {
        steps += 1;
        if (failuresToCome-- > 0) throw broken;
      });
      const trimmer = new Trimmer(failing, ONE, RELIABLE, INTERVAL_MS, (error) =>
        errors.push(error),
      );
      await eventually(async () => (await kept()) === 1);
      expect(errors).to.deep.equal([broken]);
      failuresToCome = 1;
      const before = steps;
      await eventually(() => steps >= before + 2);
      expect(errors).to.deep.equal([broken, broken]);
      await trimmer.stop();
    });

    it('continues as long as the store grows', async () => {
      const trimmer = new Trimmer(server.store, ONE, RELIABLE, INTERVAL_MS, (error) =>
        expect.fail(String(error)),
      );
      for (const round of [0, 1]) {
        await appendAll(server.store, noise(round * 10 + 1, round * 10 + 10));
        await eventually(async () => (await kept()) === 1);
      }
      await trimmer.stop();
    });

    it('lets appends and reads run between its steps', async () => {
      await appendAll(server.store, noise(1, 20_000));
      const seen: number[] = [];
      let steps = 0;
      const watched = watchTrims(server.store, () => {
        steps += 1;
      });
      const trimmer = new Trimmer(watched, ONE, RELIABLE, INTERVAL_MS, (error) =>
        expect.fail(String(error)),
      );
      let appended = 20_000;
      while ((await kept()) > 100) {
        await turn();
        if (steps === 0) continue;
        await appendAll(server.store, noise(appended + 1, ++appended));
        seen.push(steps);
      }
      await trimmer.stop();
      // A single large step would block them, and so would many steps without a pause.
      expect(new Set(seen).size).to.be.above(3);
      expect((await server.store.bounds()).last).to.equal(appended);
    });

    it('finishes its step when it is stopped, and starts no other', async () => {
      await appendAll(server.store, noise(1, 20_000));
      let steps = 0;
      let under = (): void => {};
      const underWay = new Promise<void>((resolve) => (under = resolve));
      let goOn = (): void => {};
      const gate = new Promise<void>((resolve) => (goOn = resolve));
      const watched = watchTrims(server.store, async () => {
        steps += 1;
        under();
        await gate;
      });
      const trimmer = new Trimmer(watched, ONE, RELIABLE, INTERVAL_MS, (error) =>
        expect.fail(String(error)),
      );
      await underWay;
      let stopped = false;
      const stop = trimmer.stop().then(() => (stopped = true));
      await turn();
      expect(stopped).to.equal(false);
      goOn();
      await stop;
      expect(steps).to.equal(1);
      expect(await kept()).to.be.within(2, 19_999);
    });
  });

describe('a server with limits', () => {
  it('trims to them in the background, and stops during a step', async () => {
    const server = await TestServer.start({ retention: { ...ONE, entries: 5 } });
    const client = server.client();
    const append = client.append();
    append.send(noise(1, 1000).map((value) => ({ event: { $case: 'forward', value } })));
    await append.answers(1);
    await eventually(async () => (await client.describe()).entryCount === 5n);
    expect((await client.describe()).trimmedCount).to.equal(995n);
    append.send(noise(1001, 20_000).map((value) => ({ event: { $case: 'forward', value } })));
    await append.answers(2);
    append.end();
    await server.stop();
  });
});
