import { expect } from 'chai';
import { BROKER } from '../../../server/access/caller.js';
import { systemClock } from '../../../protocol/clock.js';
import { PayloadTypes } from '../../../protocol/payload-types.js';
import { Broker, type EntrySubscription } from '../../../server/broker/broker.js';
import type { SubscriptionOptions } from '../../../server/broker/read-options.js';
import { Operator, parseFilters, type FilterSet } from '../../../server/filter/index.js';
import { openStore } from '../../../server/history/open.js';
import type { EventStore } from '../../../server/history/store.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { appendAll } from '../../support/history-append.js';
import { range } from '../../support/history-seed.js';
import { hookReads } from '../../support/read-hooks.js';

/** Steps of this length are work that an iteration of the event loop has capacity for few of. */
const STEP_MS = 1;
/** Generous for the live budget of one subscription and a slice of reading. */
const MAX_STEPS_PER_ITERATION = 12;

/** Counts steps of work, and keeps the largest number that one iteration of the event loop did. */
class Steps {
  total = 0;
  most = 0;
  #now = 0;

  take(): void {
    if (this.#now === 0) setImmediate(() => (this.#now = 0));
    this.total += 1;
    this.#now += 1;
    this.most = Math.max(this.most, this.#now);
    const end = performance.now() + STEP_MS;
    while (performance.now() < end);
  }
}

describe('the event loop', () => {
  let store: EventStore;
  let broker: Broker;
  let reads: Steps;
  const reported: string[] = [];

  beforeEach(async () => {
    store = await openStore('memory:', systemClock);
    reads = new Steps();
    reported.length = 0;
    const counted = hookReads(store, {
      before: () => {
        reads.take();
      },
    });
    broker = await Broker.start(counted, PayloadTypes.load(), systemClock, {
      costlyFilter: (filters) => {
        reported.push(filters);
      },
    });
  });
  afterEach(async () => {
    broker.close();
    await store.close();
  });

  function subscribe(options: Partial<SubscriptionOptions>): Promise<EntrySubscription> {
    return broker.subscribe(BROKER, {
      filter: parseFilters([]),
      scope: undefined,
      start: { kind: 'now' },
      until: undefined,
      stopWhenCaughtUp: false,
      limit: Infinity,
      onGap: 'fail',
      ...options,
    });
  }

  const append = (count: number) =>
    appendAll(
      store,
      range(1, count).map((n) => exitEnvelope(n)),
    );

  /** Filters of which only the last matches, each with a pattern whose matches are steps. */
  function costlyFilters(steps: Steps): FilterSet {
    const sources = range(1, 8).map((n) => `event.id~="(?:[g-z].{0,300}){3}${n}"`);
    const set = parseFilters([...sources, 'event.id~="^.{0,30}$"']);
    for (const { selectors } of set.filters) {
      const [selector] = selectors;
      if (selector?.operator !== Operator.matches) expect.fail();
      const { pattern } = selector;
      const matches = pattern.test.bind(pattern);
      pattern.test = (text) => {
        steps.take();
        return matches(text);
      };
    }
    return set;
  }

  it('does few steps of a costly filter in an iteration, and its subscriber gets everything', async () => {
    const steps = new Steps();
    const subscription = await subscribe({ filter: costlyFilters(steps), limit: 20 });
    const offsets = offsetsOf(subscription);
    await append(20);
    expect(await offsets).to.deep.equal(range(1, 20));
    expect(steps.total).to.be.at.least(20 * 8);
    expect(steps.most).to.be.at.most(MAX_STEPS_PER_ITERATION);
    expect(reported).to.have.lengthOf(1);
    expect(reported[0])
      .to.match(/^event\.id~="\(\?:\[g-z\]/)
      .and.have.length.at.most(200);
  });

  it('delivers to others before a costly filter is evaluated', async () => {
    const steps = new Steps();
    const costly = await subscribe({ filter: costlyFilters(steps), limit: 20 });
    const costlyOffsets = offsetsOf(costly);
    const other = await subscribe({ limit: 20 });
    const stepsBefore = offsetsOf(other).then(() => steps.total);
    await append(20);
    expect(await stepsBefore).to.be.at.most(MAX_STEPS_PER_ITERATION);
    await costlyOffsets;
  });

  it('does few reads of the store in an iteration, however many readers start together', async () => {
    await append(100);
    const past = await subscribe({ start: { kind: 'earliest' }, stopWhenCaughtUp: true });
    const cursors: string[] = [];
    for await (const message of past) {
      if (message.kind === 'entries') cursors.push(...message.entries.map(({ cursor }) => cursor));
    }
    const readers = await Promise.all(
      // Each begins elsewhere, so that no two share a read.
      cursors.map((cursor) =>
        subscribe({ start: { kind: 'after', cursor }, stopWhenCaughtUp: true }),
      ),
    );
    reads.most = 0;
    const all = await Promise.all(readers.map(offsetsOf));
    all.forEach((offsets, i) => expect(offsets).to.deep.equal(range(i + 2, 100)));
    expect(reads.most).to.be.at.most(MAX_STEPS_PER_ITERATION);
  });
});

async function offsetsOf(subscription: EntrySubscription): Promise<number[]> {
  const offsets: number[] = [];
  for await (const message of subscription) {
    if (message.kind === 'entries') offsets.push(...message.entries.map(({ offset }) => offset));
  }
  return offsets;
}
