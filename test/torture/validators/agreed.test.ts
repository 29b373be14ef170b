import { expect } from 'chai';
import { agreed } from '../../../torture/validators/agreed.js';
import { laterRecord, rolledBackRound } from './rolled-back-round.js';
import {
  begin,
  cursorAt,
  entries,
  EVERYTHING,
  FACTS,
  found,
  goodRound,
  OTHER_EPOCH,
  records,
  stored,
} from './recorded-round.js';
import { trimmedRound } from './trimmed-round.js';

describe('Agreed', () => {
  it('finds two trimmed events that two brokers reported at one offset', () => {
    const round = trimmedRound();
    round.readers.first = [begin('earliest'), entries(records(1, 2))];
    const other = [cursorAt(2, 1), FACTS[2]!, '2000000'] as const;
    round.readers.second = [begin('earliest', EVERYTHING, 1), entries([...records(1, 1), other])];
    expect(found(agreed, round)).to.deep.equal(['offset 2 stands for 2 events in 1 histories']);
  });

  it('finds one cursor that stands for two events', () => {
    const round = goodRound();
    const other = [cursorAt(2), FACTS[2]!, '2000000'] as const;
    round.readers.second = [begin('earliest', EVERYTHING, 1), entries([...records(1, 1), other])];
    expect(found(agreed, round)).to.deep.equal([
      `one cursor of offset 2 stands for ${FACTS[1]} and for ${FACTS[2]}`,
    ]);
  });

  it('finds an answer to a publisher that readers of another broker contradict', () => {
    const round = trimmedRound();
    round.publisher.push(...stored(20, 'default /tasks/start c9 - 90 0', cursorAt(2, 1)));
    expect(found(agreed, round)).to.deep.equal(['offset 2 stands for 2 events in 1 histories']);
  });

  it('finds an epoch that no history had', () => {
    const round = goodRound();
    const other = [cursorAt(1, 0, OTHER_EPOCH), FACTS[0]!, '1000000'] as const;
    round.readers.second = [begin('earliest', EVERYTHING, 1), entries([other])];
    expect(found(agreed, round)).to.deep.equal(['offset 1 stands for 1 events in 0 histories']);
  });

  it('accepts one event at an offset for each lineage that assigned it', () => {
    const round = rolledBackRound();
    expect(found(agreed, round)).to.deep.equal([]);
    const third = [cursorAt(5, 2), FACTS[2]!, '5000000'] as const;
    const fork = [cursorAt(4, 1), FACTS[2]!, '4000000'] as const;
    round.readers.second = [begin('earliest'), entries([fork, third, laterRecord(6)])];
    expect(found(agreed, round)).to.deep.equal([
      'offset 4 stands for 2 events in 1 histories',
      'offset 5 stands for 3 events in 2 histories',
    ]);
  });
});
