import { expect } from 'chai';
import { onlyKnownErrors } from '../../../torture/validators/only-known-errors.js';
import { FACTS, found, goodRound } from './recorded-round.js';

describe('OnlyKnownErrors', () => {
  it('finds errors of publishers, readers, waiters and brokers that no fault explains', () => {
    const round = goodRound();
    const failed = { kind: 'failed', message: 'why' } as const;
    round.publisher.push(
      { kind: 'invoke', n: 40, way: 'publish', fact: FACTS[0]!, time: '1', again: false },
      { ...failed, n: 40, code: 'INTERNAL' },
    );
    round.readers.all!.push({ ...failed, code: 'DATA_LOSS' });
    round.waiter.push(
      {
        kind: 'invoke',
        n: 40,
        namespace: 'default',
        container: 'c1',
        condition: { kind: 'next' },
      },
      { ...failed, n: 40, code: 'OUT_OF_RANGE' },
    );
    round.broker.push({ kind: 'defect', text: 'broker: it had ended by itself' });
    expect(found(onlyKnownErrors, round)).to.deep.equal([
      'INTERNAL: why',
      'DATA_LOSS: why',
      'OUT_OF_RANGE: why',
      'broker: it had ended by itself',
    ]);
  });

  it('accepts an unavailable broker', () => {
    const round = goodRound();
    round.readers.all!.push({ kind: 'failed', code: 'UNAVAILABLE', message: 'away' });
    expect(found(onlyKnownErrors, round)).to.deep.equal([]);
  });
});
