import { expect } from 'chai';
import { BROKER } from '../../../server/access/caller.js';
import { PayloadTypes } from '../../../protocol/payload-types.js';
import { systemClock } from '../../../protocol/clock.js';
import { Broker } from '../../../server/broker/broker.js';
import type { SubscriptionOptions } from '../../../server/broker/read-options.js';
import type { EventView } from '../../../server/events/event-view.js';
import { parseFilters } from '../../../server/filter/index.js';
import { openStore } from '../../../server/history/open.js';
import type { EventStore } from '../../../server/history/store.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { appendAll } from '../../support/history-append.js';
import { range } from '../../support/history-seed.js';
import { hookReads } from '../../support/read-hooks.js';

const ENTRIES = 5000;
/** Entries of one read of the store. */
const BLOCK = 512;

describe('readers that have fallen behind', () => {
  let store: EventStore;
  let broker: Broker;
  /** Full reads of the store. */
  let reads: number;

  beforeEach(async () => {
    reads = 0;
    store = await openStore('memory:', systemClock);
    const counted = hookReads(store, {
      before: (_after, { entries }) => {
        if (entries === BLOCK) reads += 1;
      },
    });
    broker = await Broker.start(counted, PayloadTypes.load(), systemClock);
    const envelopes = range(1, ENTRIES).map((n) => exitEnvelope(n));
    await appendAll(store, envelopes);
  });
  afterEach(async () => {
    broker.close();
    await store.close();
  });

  /** The batches that a reader of the whole history gets. */
  async function read(filters: readonly string[] = []): Promise<(readonly EventView[])[]> {
    const options: SubscriptionOptions = {
      filter: parseFilters(filters),
      scope: undefined,
      start: { kind: 'earliest' },
      until: undefined,
      stopWhenCaughtUp: true,
      limit: Infinity,
      onGap: 'fail',
    };
    const batches: (readonly EventView[])[] = [];
    for await (const message of await broker.subscribe(BROKER, options)) {
      if (message.kind === 'entries') batches.push(message.entries);
    }
    return batches;
  }

  it('share the reads of the store and their views', async () => {
    const readers = await Promise.all(range(1, 100).map(() => read()));
    expect(reads).to.be.below((3 * ENTRIES) / BLOCK);
    const [first] = readers;
    expect(first!.flat().map(({ offset }) => offset)).to.deep.equal(range(1, ENTRIES));
    for (const batches of readers) {
      expect(batches.length).to.equal(first!.length);
      batches.forEach((batch, i) => expect(batch).to.equal(first![i]));
    }
  });

  it('share the selections of equal filters', async () => {
    const filters = ['event.pid~=7$'];
    const [one, other, all] = await Promise.all([read(filters), read(filters), read()]);
    expect(one.flat()).to.have.lengthOf(ENTRIES / 10);
    one.forEach((batch, i) => expect(batch).to.equal(other[i]));
    const views = new Set(all.flat());
    expect(one.flat().every((view) => views.has(view))).to.equal(true);
  });

  it('get what was appended since another reader came to the end', async () => {
    const stuck = broker.subscribe(BROKER, {
      filter: parseFilters([]),
      scope: undefined,
      start: { kind: 'earliest' },
      until: undefined,
      stopWhenCaughtUp: false,
      limit: Infinity,
      onGap: 'fail',
    });
    // Counts as a reader that has fallen behind, so that reads are shared.
    const subscription = await stuck;
    for (const more of range(1, 20)) {
      await appendAll(store, [exitEnvelope(ENTRIES + more)]);
      expect((await read()).flat()).to.have.lengthOf(ENTRIES + more);
    }
    subscription.close();
  });

  it('share nothing with a reader that is alone', async () => {
    const before = await read();
    const after = await read();
    expect(reads).to.be.at.least((2 * ENTRIES) / BLOCK);
    expect(after[0]![0]).to.not.equal(before[0]![0]);
  });
});
