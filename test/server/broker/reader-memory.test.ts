import { expect } from 'chai';
import { systemClock } from '../../../protocol/clock.js';
import { PayloadTypes } from '../../../protocol/payload-types.js';
import { LOCAL } from '../../../server/access/caller.js';
import { Broker, type EntrySubscription } from '../../../server/broker/broker.js';
import type { SubscriptionOptions } from '../../../server/broker/read-options.js';
import { parseFilters } from '../../../server/filter/index.js';
import { openStore } from '../../../server/history/open.js';
import type { EventStore } from '../../../server/history/store.js';
import { eventually } from '../../support/eventually.js';
import { exitEnvelope, largeEnvelope } from '../../support/envelopes.js';
import { aheadBy } from '../../support/fake-clock.js';
import { appendAll } from '../../support/history-append.js';
import { range } from '../../support/history-seed.js';

/** Large entries of which the memory for readers holds four. */
const LARGE_ENTRIES = 6;

describe('readers that take nothing', () => {
  let store: EventStore;
  let broker: Broker;
  const cursors: string[] = [];
  const open: EntrySubscription[] = [];

  before(async () => {
    store = await openStore('memory:', systemClock);
    broker = await Broker.start(store, PayloadTypes.load(), systemClock);
    const subscription = await subscribe({ start: { kind: 'now' } });
    await appendAll(store, [...range(1, LARGE_ENTRIES).map(largeEnvelope), exitEnvelope(10)]);
    cursors.push(subscription.position.cursor);
    for await (const message of await subscribe({ limit: LARGE_ENTRIES + 1 })) {
      if (message.kind === 'entries') cursors.push(...message.entries.map(({ cursor }) => cursor));
    }
  });
  afterEach(() => {
    for (const subscription of open.splice(0)) subscription.close();
  });
  after(async () => {
    broker.close();
    await store.close();
  });

  async function subscribe(options: Partial<SubscriptionOptions>): Promise<EntrySubscription> {
    const subscription = await broker.subscribe(LOCAL, {
      filter: parseFilters([]),
      scope: undefined,
      start: { kind: 'earliest' },
      until: undefined,
      stopWhenCaughtUp: false,
      limit: Infinity,
      onGap: 'fail',
      ...options,
    });
    open.push(subscription);
    return subscription;
  }

  /** A reader that takes the entry after the first `before` ones, and asks for no more. */
  async function readOne(before: number): Promise<{ hasEntry: boolean } & EntrySubscription> {
    const subscription = await subscribe({ start: { kind: 'after', cursor: cursors[before]! } });
    const reader = Object.assign(subscription, { hasEntry: false });
    const take = (): void => {
      reader.hasEntry ||= subscription.take()?.kind === 'entries';
      if (reader.hasEntry) subscription.onReady = () => {};
    };
    subscription.onReady = take;
    take();
    return reader;
  }

  async function settled(): Promise<void> {
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  }

  const withEntry = (readers: readonly { hasEntry: boolean }[]): number =>
    readers.filter(({ hasEntry }) => hasEntry).length;

  /** Waits until so many readers have an entry, and a while for others that should have none. */
  async function expectWithEntry(
    readers: readonly { hasEntry: boolean }[],
    count: number,
  ): Promise<void> {
    await eventually(() => withEntry(readers) >= count);
    await settled();
    expect(withEntry(readers)).to.equal(count);
  }

  it('hold no more than the memory for all readers, and the next waits for a reader to go on', async () => {
    const readers = await Promise.all(range(0, LARGE_ENTRIES - 1).map(readOne));
    await expectWithEntry(readers, 4);
    // It goes on to an entry that another one holds, which needs no more memory.
    const next = readers.findIndex(({ hasEntry }, at) => hasEntry && readers[at + 1]?.hasEntry);
    readers[next]!.take();
    await expectWithEntry(readers, 5);
    readers.find(({ hasEntry }) => hasEntry)!.close();
  });

  it('share the memory of the same entry', async () => {
    const readers = await Promise.all(range(1, 20).map(() => readOne(0)));
    await expectWithEntry(readers, 20);
  });

  it('do not delay readers of small entries', async () => {
    await expectWithEntry(await Promise.all(range(0, LARGE_ENTRIES - 1).map(readOne)), 4);
    await expectWithEntry([await readOne(LARGE_ENTRIES)], 1);
  });

  it('are ended once others have waited for half a minute', async () => {
    const evicted: EntrySubscription[] = [];
    const readers = await Promise.all(range(0, LARGE_ENTRIES - 1).map(readOne));
    for (const reader of readers) {
      reader.onEvicted = () => {
        evicted.push(reader);
        reader.close();
      };
    }
    await expectWithEntry(readers, 4);
    const stuck = readers.filter(({ hasEntry }) => hasEntry);
    await aheadBy(31_000, () => eventually(() => evicted.length >= stuck.length));
    await expectWithEntry(readers, LARGE_ENTRIES);
    expect(evicted).to.have.members(stuck);
  });

  it('read large live events from the store when they go on', async () => {
    const live = await subscribe({ start: { kind: 'now' } });
    while (live.take()?.kind !== 'caught up') await settled();
    await appendAll(store, [largeEnvelope(11), exitEnvelope(12)]);
    await settled();
    // Live, its position would be that of the newest entry.
    expect(live.position.cursor).to.equal(cursors.at(-1));
    const offsets: number[] = [];
    while (offsets.length < 2) {
      const message = live.take();
      if (message?.kind === 'entries') offsets.push(...message.entries.map((view) => view.offset));
      else await settled();
    }
    expect(offsets).to.deep.equal([LARGE_ENTRIES + 2, LARGE_ENTRIES + 3]);
  });
});
