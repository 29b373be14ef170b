import { expect } from 'chai';
import { SETTINGS } from '../../../conformance/consumers/consumers-under-test.js';
import { systemClock } from '../../../protocol/clock.js';
import { PayloadTypes } from '../../../protocol/payload-types.js';
import { LOCAL } from '../../../server/access/caller.js';
import { Broker, type EntrySubscription } from '../../../server/broker/broker.js';
import type { ActiveConsumer } from '../../../server/consumers/active-consumer.js';
import type { ConsumerStore } from '../../../server/consumers/consumer-store.js';
import { DurableConsumers } from '../../../server/consumers/durable-consumers.js';
import type { DeliveredEvent, Member } from '../../../server/consumers/member.js';
import { memoryConsumerStore } from '../../../server/consumers/memory-store.js';
import { parseCursor } from '../../../server/events/cursor.js';
import { parseFilters } from '../../../server/filter/index.js';
import { openStore } from '../../../server/history/open.js';
import type { EventStore } from '../../../server/history/store.js';
import { largeEnvelope } from '../../support/envelopes.js';
import { eventually } from '../../support/eventually.js';
import { appendAll } from '../../support/history-append.js';

class TestMember implements Member {
  readonly got: DeliveredEvent[] = [];

  constructor(readonly name: string) {}

  deliver(events: readonly DeliveredEvent[]): void {
    this.got.push(...events);
  }
  answered(): void {}
  gap(): void {}
  paused(): void {}
  end(): void {}
  fail(error: unknown): void {
    throw error;
  }
}

describe('a member that leaves while its events are being claimed', () => {
  let history: EventStore;
  let broker: Broker;
  let store: ConsumerStore;
  let consumers: DurableConsumers;
  /** Lets the claim under way have its answers. */
  let answerClaim: (() => void) | undefined;

  beforeEach(async () => {
    history = await openStore('memory:', systemClock);
    broker = await Broker.start(history, PayloadTypes.load(), systemClock);
    const now = () => performance.now();
    store = memoryConsumerStore({ uptime: now, date: now });
    const claim = store.claim.bind(store);
    store.claim = async (...args) => {
      const answers = await claim(...args);
      await new Promise<void>((resolve) => (answerClaim = resolve));
      return answers;
    };
    consumers = new DurableConsumers(
      { broker, store, uptime: now, warn: () => undefined },
      (filters) => Promise.resolve(parseFilters(filters)),
      { isExceeded: () => false },
    );
    const floor = parseCursor((await begin()).position.cursor);
    const settings = { ...SETTINGS, filters: [] };
    await consumers.create(LOCAL, { name: 'a', settings, floor });
    await appendAll(history, [largeEnvelope(1)]);
  });

  afterEach(async () => {
    broker.close();
    await history.close();
  });

  function begin(): Promise<EntrySubscription> {
    return broker.subscribe(LOCAL, {
      ...{ filter: parseFilters([]), scope: undefined, until: undefined },
      ...{ start: { kind: 'now' }, stopWhenCaughtUp: true, limit: 1, onGap: 'fail' },
    });
  }

  async function claimed(consumer: ActiveConsumer, member: TestMember) {
    const attached = await consumer.attach(member, []);
    consumer.credit(attached, 10);
    await eventually(() => answerClaim !== undefined);
    return attached;
  }

  function answer(): void {
    answerClaim?.();
    answerClaim = undefined;
  }

  it('gets none of them, and others get them at once', async () => {
    const consumer = await consumers.activate(LOCAL, 'a');
    const [first, second] = [new TestMember('first'), new TestMember('second')];
    const leaving = await claimed(consumer, first);
    const left = consumer.leave(leaving);
    answer();
    await left;
    const attached = await claimed(consumer, second);
    answer();
    await eventually(() => second.got.length === 1);
    expect(first.got).to.deep.equal([]);
    expect(second.got[0]?.attempt).to.equal(1);
    consumer.disconnect(leaving);
    consumer.disconnect(attached);
  });

  it('keeps none of them when its connection ends', async () => {
    const consumer = await consumers.activate(LOCAL, 'a');
    const first = new TestMember('first');
    consumer.disconnect(await claimed(consumer, first));
    answer();
    await eventually(async () => (await store.get('a'))?.inFlight === 0);
    expect(first.got).to.deep.equal([]);
  });
});
