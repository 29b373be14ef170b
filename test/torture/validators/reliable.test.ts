import { expect } from 'chai';
import { reliable } from '../../../torture/validators/reliable.js';
import {
  begin,
  entries,
  EXITS,
  found,
  goodRound,
  record,
  records,
  bookmark,
  cursorAt,
} from './recorded-round.js';
import { trimmedRound } from './trimmed-round.js';

describe('Reliable', () => {
  it('finds an acknowledged event that a reader skipped', () => {
    const round = goodRound();
    round.readers.all = [begin('earliest'), entries([...records(1, 4), ...records(6, 9)])];
    expect(found(reliable, round)).to.deep.equal([
      'all went past offset 5 without getting it: default /tasks/exit c1 - 10 42',
    ]);
  });

  it('finds an acknowledged event that a cursor without an entry passed', () => {
    const round = goodRound();
    round.readers.exits = [
      begin('earliest', EXITS),
      entries([record(5)]),
      bookmark('progress', cursorAt(8)),
    ];
    expect(found(reliable, round)).to.deep.equal([
      'exits went past offset 6 without getting it: default /tasks/exit c1 - 10 255',
    ]);
  });

  it('finds an acknowledged event that is not readable any more', () => {
    const round = trimmedRound();
    round.readers.all = [begin('earliest'), entries([record(1), record(3), ...records(8, 9)])];
    expect(found(reliable, round)).to.include(
      'all went past offset 2 without getting it: default /tasks/start c1 - 10 0',
    );
  });
});
