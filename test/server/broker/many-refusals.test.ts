import { expect } from 'chai';
import { BROKER } from '../../../server/access/caller.js';
import { FoghornError } from '../../../protocol/errors.js';
import { appendEach, type NewEvent } from '../../../server/broker/append.js';
import { CursorWriter } from '../../../server/events/cursor.js';
import type { EventStore } from '../../../server/history/store.js';

const REFUSED: NewEvent = {
  kind: 'publish',
  namespace: '',
  topic: '',
  event: undefined,
  publishId: Buffer.alloc(0),
};

describe('many refused events in one message', () => {
  const store = { append: () => Promise.resolve([]) } as Partial<EventStore> as EventStore;
  const refuse = async (count: number): Promise<readonly unknown[]> => {
    const events = new Array<NewEvent>(count).fill(REFUSED);
    const cursors = new CursorWriter('0123456789abcdef');
    return (
      await appendEach(
        BROKER,
        events,
        store,
        () => cursors,
        () => 1n,
        { refusedEvent: () => undefined },
      )
    ).results;
  };

  it('let other callers run in between', async () => {
    let ticks = 0;
    let isOver = false;
    const tick = (): void => {
      ticks += 1;
      if (!isOver) setImmediate(tick);
    };
    setImmediate(tick);
    const results = await refuse(65_536);
    isOver = true;
    expect(results).to.have.lengthOf(65_536);
    expect(ticks).to.be.greaterThan(30);
  });

  it('are errors without captured stack traces', async () => {
    const [error] = await refuse(1);
    expect(error).to.be.instanceOf(FoghornError).and.instanceOf(Error);
    const { name, code, message, stack, retryable } = error as FoghornError;
    const text = 'failed publishing event: namespace is required: failed precondition';
    expect({ name, code, message, stack, retryable }).to.deep.equal({
      name: 'FoghornError',
      code: 'FAILED_PRECONDITION',
      message: text,
      stack: `FoghornError: ${text}`,
      retryable: false,
    });
  });
});
