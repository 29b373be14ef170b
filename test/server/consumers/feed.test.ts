import { expect } from 'chai';
import { systemClock } from '../../../protocol/clock.js';
import { PayloadTypes } from '../../../protocol/payload-types.js';
import { LOCAL } from '../../../server/access/caller.js';
import { Broker } from '../../../server/broker/broker.js';
import type { ConsumerSettings, Floor } from '../../../server/consumers/consumer-store.js';
import { Feed } from '../../../server/consumers/feed.js';
import { parseCursor } from '../../../server/events/cursor.js';
import { parseFilters } from '../../../server/filter/index.js';
import { openStore } from '../../../server/history/open.js';
import type { EventStore } from '../../../server/history/store.js';
import { largeEnvelope } from '../../support/envelopes.js';
import { eventually } from '../../support/eventually.js';
import { aheadBy } from '../../support/fake-clock.js';
import { appendAll } from '../../support/history-append.js';
import { range } from '../../support/history-seed.js';

/** Large entries of which the memory for readers holds four. */
const LARGE_ENTRIES = 5;

const SETTINGS: ConsumerSettings = {
  filters: [],
  ordering: 'none',
  ackWaitMs: 30_000,
  maxDeliveries: 0,
  backoffMs: [],
  maxInFlight: 1,
  onGap: 'continue',
};

describe('feeds of consumers whose members take nothing', () => {
  let store: EventStore;
  let broker: Broker;
  const floors: Floor[] = [];

  before(async () => {
    store = await openStore('memory:', systemClock);
    broker = await Broker.start(store, PayloadTypes.load(), systemClock);
    const options = { filter: parseFilters([]), scope: undefined, until: undefined } as const;
    const subscription = await broker.subscribe(LOCAL, {
      ...options,
      start: { kind: 'now' },
      stopWhenCaughtUp: false,
      limit: LARGE_ENTRIES,
      onGap: 'fail',
    });
    floors.push(parseCursor(subscription.position.cursor));
    await appendAll(store, range(1, LARGE_ENTRIES).map(largeEnvelope));
    for await (const message of subscription) {
      if (message.kind !== 'entries') continue;
      floors.push(...message.entries.map(({ cursor }) => parseCursor(cursor)));
    }
  });
  after(async () => {
    broker.close();
    await store.close();
  });

  it('end when others have waited half a minute for their memory, so that members attach again', async () => {
    const ended = new Set<number>();
    const holding = new Set<number>();
    const open = async (n: number): Promise<Feed> => {
      const listener = {
        hasSpace: () => !holding.has(n),
        event: () => holding.add(n),
        gap: () => undefined,
        read: () => undefined,
        ended: () => ended.add(n),
      };
      const rest = { floor: floors[n]!, settled: [] };
      const feed = await Feed.open(LOCAL, broker, SETTINGS, parseFilters([]), rest, listener);
      feed.readOn();
      return feed;
    };
    const feeds = await Promise.all(range(0, LARGE_ENTRIES - 1).map(open));
    try {
      await eventually(() => holding.size >= 4);
      const first = [...holding];
      await aheadBy(31_000, () => eventually(() => ended.size >= 4));
      expect([...ended]).to.have.members(first);
    } finally {
      for (const feed of feeds) feed.close();
    }
  });
});
