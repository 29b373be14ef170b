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
  mark,
  record,
  records,
} from './recorded-round.js';
import { trimmedStory } from './trimmed-round.js';

describe('FilterExact', () => {
  it('finds an entry that the filter excludes', () => {
    const story = goodRound();
    story.readers.exits = [begin('earliest', EXITS), entries([record(4), record(5)])];
    expect(found(filterExact, story)).to.deep.equal([
      'exits got offset 4, which its filter excludes: default /tasks/exec-started c1 e11 11 0',
    ]);
  });

  it('finds an entry that passes and did not come, though nobody was told that it is stored', () => {
    const story = goodRound();
    story.publisher = [];
    story.readers.exits = [begin('earliest', EXITS), entries([record(5), record(9)])];
    expect(found(filterExact, story)).to.deep.equal([
      'exits did not get offset 6: default /tasks/exit c1 - 10 255',
    ]);
  });

  it('finds the past in a stream that began now', () => {
    const story = goodRound();
    story.readers.all = [{ at: 80, ...begin('now') }, entries(records(7, 9))];
    expect(found(filterExact, story)).to.deep.equal([
      'all got offset 7, which was there before it began',
    ]);
  });

  it('finds what is older than the time that was asked for, and what is missing since', () => {
    const story = goodRound();
    const since = { since: '5000000' };
    story.readers.all = [
      { at: 80, ...begin(since) },
      entries([record(4), record(5), record(7)]),
      mark('caught up', cursorAt(7)),
    ];
    expect(found(filterExact, story)).to.deep.equal([
      'all got offset 4, which is older than the time it asked for',
      'all did not get offset 6: default /tasks/exit c1 - 10 255',
    ]);
  });

  it('finds a kept exit that a reader from the beginning did not get', () => {
    const story = trimmedStory();
    story.readers.exits = [
      begin('earliest', EXITS),
      entries([record(5)], true),
      entries([record(9)]),
    ];
    expect(found(filterExact, story)).to.deep.equal([
      'exits did not get offset 6: default /tasks/exit c1 - 10 255',
    ]);
  });

  it('knows what one container is', () => {
    const story = goodRound();
    const container = { namespace: 'k8s.io', id: 'c1' };
    story.readers.all = [begin('earliest', { ...EVERYTHING, container }), entries([record(1)])];
    expect(found(filterExact, story)).to.deep.equal([
      'all got offset 1, which its filter excludes: default /tasks/create c1 - 10 0',
    ]);
  });
});
