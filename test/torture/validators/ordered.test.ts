import { expect } from 'chai';
import { ordered } from '../../../torture/validators/ordered.js';
import {
  begin,
  cursorAt,
  entries,
  FACTS,
  found,
  goodRound,
  history,
  record,
  records,
  stored,
} from './recorded-round.js';

describe('Ordered', () => {
  it('finds an offset that decreases within a stream', () => {
    const round = goodRound();
    round.readers.all = [begin('earliest'), entries([record(2), record(1)])];
    expect(found(ordered, round)).to.deep.equal(['all got offset 1 after 2']);
  });

  it('finds an offset that decreases after a resume', () => {
    const round = goodRound();
    round.readers.all = [
      begin('earliest'),
      entries(records(1, 4)),
      begin({ after: cursorAt(4) }),
      entries([record(3)]),
    ];
    expect(found(ordered, round)).to.deep.equal(['all got offset 3 after 4']);
  });

  it('finds a hole in history', () => {
    const round = goodRound();
    round.histories = [history([...records(1, 3), ...records(5, 9)])];
    expect(found(ordered, round)).to.include('history 0: offset 5 follows 3');
  });

  it('finds an event stored before one that was acknowledged earlier', () => {
    const round = goodRound();
    round.publisher = [
      ...stored(1, FACTS[4]!, cursorAt(5), { at: 10 }),
      { kind: 'begin' },
      ...stored(2, FACTS[1]!, cursorAt(2), { at: 20 }),
    ];
    expect(found(ordered, round)).to.deep.equal([
      'offset 2 was given after 5 had been acknowledged',
    ]);
  });

  it('finds calls of one process that were stored in the opposite order', () => {
    const round = goodRound();
    round.publisher = [
      ...stored(1, FACTS[4]!, cursorAt(5), { at: 10 }),
      ...stored(2, FACTS[1]!, cursorAt(2), { at: 11 }),
    ];
    expect(found(ordered, round)).to.deep.equal(['p: call 2 was stored before call 1']);
  });
});
