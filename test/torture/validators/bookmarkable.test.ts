import { expect } from 'chai';
import { bookmarkable } from '../../../torture/validators/bookmarkable.js';
import {
  begin,
  cursorAt,
  entries,
  EXITS,
  found,
  goodRound,
  bookmark,
  record,
  records,
} from './recorded-round.js';

describe('Bookmarkable', () => {
  it('finds an entry at or before an earlier cursor without an entry', () => {
    const round = goodRound();
    round.readers.exits = [
      begin('earliest', EXITS),
      bookmark('progress', cursorAt(5)),
      entries([record(5)]),
    ];
    expect(found(bookmarkable, round)).to.deep.equal([
      'exits got the entry of offset 5 when it had come to 5',
    ]);
  });

  it('finds an entry at the cursor that a reader resumed after', () => {
    const round = goodRound();
    round.readers.all = [begin({ after: cursorAt(4) }), entries(records(4, 5))];
    expect(found(bookmarkable, round)).to.deep.equal([
      'all got the entry of offset 4 when it had come to 4',
    ]);
  });

  it('finds a cursor without an entry that leads back', () => {
    const round = goodRound();
    round.readers.all = [
      begin('earliest'),
      entries(records(1, 4)),
      bookmark('caught up', cursorAt(3)),
    ];
    expect(found(bookmarkable, round)).to.deep.equal([
      'all got the cursor of offset 3 when it had come to 4',
    ]);
  });
});
