import { expect } from 'chai';
import { begin, cursorAt, entries, found, goodRound, records } from './recorded-round.js';
import { unique } from '../../../torture/validators/unique.js';

describe('Unique', () => {
  it('finds an entry that a stream delivers before and after a resume', () => {
    const round = goodRound();
    round.readers.all = [
      begin('earliest'),
      entries(records(1, 4)),
      begin({ after: cursorAt(4) }),
      entries(records(4, 9)),
    ];
    expect(found(unique, round)).to.deep.equal([
      'all got offset 4 twice: default /tasks/exec-started c1 e11 11 0',
    ]);
  });
});
