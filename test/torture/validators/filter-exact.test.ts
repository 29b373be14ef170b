import { expect } from 'chai';
import { filterExact } from '../../../torture/validators/filter-exact.js';
import {
  begin,
  cursorAt,
  entries,
  EVERYTHING,
  EXITS,
  found,
  goodRound,
  bookmark,
  record,
  records,
} from './recorded-round.js';
import { trimmedRound } from './trimmed-round.js';

describe('FilterExact', () => {
  it('finds an entry that the filter excludes', () => {
    const round = goodRound();
    round.readers.exits = [begin('earliest', EXITS), entries([record(4), record(5)])];
    expect(found(filterExact, round)).to.deep.equal([
      'exits got offset 4, which its filter excludes: default /tasks/exec-started c1 e11 11 0',
    ]);
  });

  it('finds a matching entry that was not delivered, even if it was never acknowledged', () => {
    const round = goodRound();
    round.publisher = [];
    round.readers.exits = [begin('earliest', EXITS), entries([record(5), record(9)])];
    expect(found(filterExact, round)).to.deep.equal([
      'exits did not get offset 6: default /tasks/exit c1 - 10 255',
    ]);
  });

  it('finds old entries in a stream that began at the end', () => {
    const round = goodRound();
    round.readers.all = [{ at: 80, ...begin('now') }, entries(records(7, 9))];
    expect(found(filterExact, round)).to.deep.equal([
      'all got offset 7, which was there before it began',
    ]);
  });

  it('finds entries older than the start time, and missing ones after it', () => {
    const round = goodRound();
    const since = { since: '5000000' };
    round.readers.all = [
      { at: 80, ...begin(since) },
      entries([record(4), record(5), record(7)]),
      bookmark('caught up', cursorAt(7)),
    ];
    expect(found(filterExact, round)).to.deep.equal([
      'all got offset 4, which is older than the time it asked for',
      'all did not get offset 6: default /tasks/exit c1 - 10 255',
    ]);
  });

  it('finds a lasting exit that a reader from the beginning did not get', () => {
    const round = trimmedRound();
    round.readers.exits = [
      begin('earliest', EXITS),
      entries([record(5)], true),
      entries([record(9)]),
    ];
    expect(found(filterExact, round)).to.deep.equal([
      'exits did not get offset 6: default /tasks/exit c1 - 10 255',
    ]);
  });

  it('selects the entries of one container', () => {
    const round = goodRound();
    const container = { namespace: 'k8s.io', id: 'c1' };
    round.readers.all = [begin('earliest', { ...EVERYTHING, container }), entries([record(1)])];
    expect(found(filterExact, round)).to.deep.equal([
      'all got offset 1, which its filter excludes: default /tasks/create c1 - 10 0',
    ]);
  });
});
