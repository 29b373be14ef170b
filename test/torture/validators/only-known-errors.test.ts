import { expect } from 'chai';
import { onlyKnownErrors } from '../../../torture/validators/only-known-errors.js';
import { FACTS, found, goodRound } from './recorded-round.js';

describe('OnlyKnownErrors', () => {
  it('finds what no fault explains, of publishers, readers, waiters and the broker', () => {
    const story = goodRound();
    const failed = { kind: 'failed', message: 'why' } as const;
    story.publisher.push(
      { kind: 'invoke', n: 40, way: 'publish', fact: FACTS[0]!, time: '1', again: false },
      { ...failed, n: 40, code: 'INTERNAL' },
    );
    story.readers.all!.push({ ...failed, code: 'DATA_LOSS' });
    story.waiter.push(
      {
        kind: 'invoke',
        n: 40,
        namespace: 'default',
        container: 'c1',
        condition: { kind: 'next' },
      },
      { ...failed, n: 40, code: 'OUT_OF_RANGE' },
    );
    story.broker.push({ kind: 'defect', text: 'broker: it had ended by itself' });
    expect(found(onlyKnownErrors, story)).to.deep.equal([
      'INTERNAL: why',
      'DATA_LOSS: why',
      'OUT_OF_RANGE: why',
      'broker: it had ended by itself',
    ]);
  });

  it('takes a broker that is away', () => {
    const story = goodRound();
    story.readers.all!.push({ kind: 'failed', code: 'UNAVAILABLE', message: 'away' });
    expect(found(onlyKnownErrors, story)).to.deep.equal([]);
  });
});
