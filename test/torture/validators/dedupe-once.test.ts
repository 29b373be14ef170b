import { expect } from 'chai';
import { dedupeOnce } from '../../../torture/validators/dedupe-once.js';
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
import type { EntryRecord } from '../../../torture/records/lines.js';

const TWICE: EntryRecord = [cursorAt(10), FACTS[1]!, '10000000'];

describe('DedupeOnce', () => {
  it('finds an event that history has twice', () => {
    const story = goodRound();
    story.histories = [history([...records(1, 9), TWICE])];
    expect(found(dedupeOnce, story)).to.deep.equal([`history 0 has it 2 times: ${FACTS[1]}`]);
  });

  it('finds one that a reader got twice, though it was trimmed since', () => {
    const story = goodRound();
    story.readers.all = [begin('earliest'), entries([record(2), TWICE])];
    expect(found(dedupeOnce, story)).to.deep.equal([
      `all got one event at offsets 2 and 10: ${FACTS[1]}`,
    ]);
  });

  it('finds answers that contradict each other', () => {
    const another = stored(30, FACTS[1]!, cursorAt(3), { again: true, duplicate: true });
    const newAgain = stored(30, FACTS[1]!, cursorAt(2), { again: true });
    for (const [answer, text] of [
      [another, 'was given two places'],
      [newAgain, 'was called new twice'],
    ] as const) {
      const story = goodRound();
      story.publisher.push(...answer);
      expect(found(dedupeOnce, story)).to.deep.equal([`${FACTS[1]} ${text}`]);
    }
  });
});
