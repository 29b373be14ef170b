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
  mark,
  cursorAt,
} from './recorded-round.js';
import { trimmedStory } from './trimmed-round.js';

describe('Reliable', () => {
  it('finds an acknowledged event that a reader went past', () => {
    const story = goodRound();
    story.readers.all = [begin('earliest'), entries([...records(1, 4), ...records(6, 9)])];
    expect(found(reliable, story)).to.deep.equal([
      'all went past offset 5 without getting it: default /tasks/exit c1 - 10 42',
    ]);
  });

  it('finds one that a bare cursor led past', () => {
    const story = goodRound();
    story.readers.exits = [
      begin('earliest', EXITS),
      entries([record(5)]),
      mark('progress', cursorAt(8)),
    ];
    expect(found(reliable, story)).to.deep.equal([
      'exits went past offset 6 without getting it: default /tasks/exit c1 - 10 255',
    ]);
  });

  it('finds one that nobody can read any more', () => {
    const story = trimmedStory();
    story.readers.all = [begin('earliest'), entries([record(1), record(3), ...records(8, 9)])];
    expect(found(reliable, story)).to.include(
      'all went past offset 2 without getting it: default /tasks/start c1 - 10 0',
    );
  });
});
