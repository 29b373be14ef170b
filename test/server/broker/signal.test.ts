import { expect } from 'chai';
import { BROKER } from '../../../server/access/caller.js';
import { PayloadTypes } from '../../../protocol/payload-types.js';
import { Broker } from '../../../server/broker/broker.js';
import type { SubscriptionOptions } from '../../../server/broker/read-options.js';
import { systemClock } from '../../../protocol/clock.js';
import { parseFilters } from '../../../server/filter/index.js';
import { openStore } from '../../../server/history/open.js';
import type { EventStore } from '../../../server/history/store.js';

const FROM_NOW: SubscriptionOptions = {
  filter: parseFilters([]),
  scope: undefined,
  start: { kind: 'now' },
  until: undefined,
  stopWhenCaughtUp: false,
  limit: Infinity,
  onGap: 'fail',
};

describe('the signal of a subscription', () => {
  let store: EventStore;
  let broker: Broker;

  beforeEach(async () => {
    store = await openStore('memory:', systemClock);
    broker = await Broker.start(store, PayloadTypes.load([]), systemClock);
  });
  afterEach(async () => {
    broker.close();
    await store.close();
  });

  async function count(): Promise<number> {
    return (await broker.describe(BROKER)).subscriptionCount;
  }

  async function publish(): Promise<void> {
    const event = { namespace: 'default', topic: '/t', event: undefined, publishId: Buffer.of() };
    await broker.intake.publish(BROKER, event);
  }

  it('ends it while the reader waits', async () => {
    const abort = new AbortController();
    const kinds: string[] = [];
    for await (const { kind } of await broker.subscribe(BROKER, FROM_NOW, abort.signal)) {
      kinds.push(kind);
      // The next message is requested first.
      setImmediate(() => {
        abort.abort();
      });
    }
    expect(kinds).to.deep.equal(['caught up']);
    expect(await count()).to.equal(0);
  });

  it('ends it while the reader handles a message', async () => {
    const abort = new AbortController();
    const kinds: string[] = [];
    for await (const { kind } of await broker.subscribe(BROKER, FROM_NOW, abort.signal)) {
      kinds.push(kind);
      if (kind === 'caught up') await publish();
      else abort.abort();
    }
    expect(kinds).to.deep.equal(['caught up', 'entries']);
    expect(await count()).to.equal(0);
  });

  it('that is aborted already leaves nothing behind', async () => {
    const subscription = await broker.subscribe(BROKER, FROM_NOW, AbortSignal.abort());
    expect(await count()).to.equal(0);
    await publish();
    for await (const message of subscription) expect.fail(`got ${message.kind}`);
  });
});
