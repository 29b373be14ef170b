import { expect } from 'chai';
import { BATCH_LIMIT, inBatches } from '../../../cli/commands/on/batches.js';
import type { DescribedEvent } from '../../../cli/commands/on/described-event.js';

const LONG_MS = 600_000;

function event(cursor: string): DescribedEvent {
  return { cursor } as DescribedEvent;
}

describe('batches of events', () => {
  it('are handled at once when the signal aborts', async () => {
    const over = new AbortController();
    const handled: string[] = [];
    const action = inBatches(
      (events) => {
        handled.push(events.map(({ cursor }) => cursor).join());
        return Promise.resolve();
      },
      { every: LONG_MS, signal: over.signal },
    );
    const outcomes = ['a', 'b'].map((cursor) => action(event(cursor)));
    over.abort();
    await Promise.all(outcomes);
    await action(event('c'));
    expect(handled).deep.equal(['a,b', 'c']);
  });

  it('are handled at once when they are full', async () => {
    const sizes: number[] = [];
    const action = inBatches(
      (events) => {
        sizes.push(events.length);
        return Promise.resolve();
      },
      { every: LONG_MS, signal: new AbortController().signal },
    );
    await Promise.all(Array.from({ length: BATCH_LIMIT }, (_, i) => action(event(`${i}`))));
    expect(sizes).deep.equal([BATCH_LIMIT]);
  });

  it('fail for all of their events, and do not run beside each other', async () => {
    let running = 0;
    let most = 0;
    const action = inBatches(
      async (events) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running -= 1;
        if (events[0]?.cursor === 'a') throw new Error('no');
      },
      { every: 1, signal: new AbortController().signal },
    );
    const first = Promise.allSettled([action(event('a')), action(event('b'))]);
    await new Promise((resolve) => setTimeout(resolve, 3));
    const second = Promise.allSettled([action(event('c'))]);
    const states = [...(await first), ...(await second)].map(({ status }) => status);
    expect(states.slice(0, 2)).deep.equal(['rejected', 'rejected']);
    expect(most).equal(1);
  });
});
