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
  it('finds an event stored twice', () => {
    const round = goodRound();
    round.histories = [history([...records(1, 9), TWICE])];
    expect(found(dedupeOnce, round)).to.deep.equal([`history 0 has it 2 times: ${FACTS[1]}`]);
  });

  it('finds an event delivered twice and trimmed since', () => {
    const round = goodRound();
    round.readers.all = [begin('earliest'), entries([record(2), TWICE])];
    expect(found(dedupeOnce, round)).to.deep.equal([
      `all got one event at offsets 2 and 10: ${FACTS[1]}`,
    ]);
  });

  it('finds answers that contradict each other', () => {
    const another = stored(30, FACTS[1]!, cursorAt(3), { again: true, duplicate: true });
    const newAgain = stored(30, FACTS[1]!, cursorAt(2), { again: true });
    for (const [answer, text] of [
      [another, 'was given two positions'],
      [newAgain, 'was called new twice'],
    ] as const) {
      const round = goodRound();
      round.publisher.push(...answer);
      expect(found(dedupeOnce, round)).to.deep.equal([`${FACTS[1]} ${text}`]);
    }
  });
});
