import { expect } from 'chai';
import { ackDurable } from '../../../torture/validators/ack-durable.js';
import { rolledBackRound } from './rolled-back-round.js';
import { cursorAt, FACTS, found, goodRound, history, records, stored } from './recorded-round.js';
import { trimmedRound } from './trimmed-round.js';

describe('AckDurable', () => {
  it('finds an acknowledged event that is not in the history', () => {
    const round = goodRound();
    round.histories = [history(records(1, 8))];
    expect(found(ackDurable, round)).to.deep.equal([
      'acknowledged and not in the history: default /tasks/exit c1 - 12 0',
    ]);
  });

  it('finds an answer with the cursor of another event', () => {
    const round = goodRound();
    round.publisher = stored(1, FACTS[0]!, cursorAt(2));
    expect(found(ackDurable, round)).to.deep.equal([
      'acknowledged and not in the history: default /tasks/create c1 - 10 0',
    ]);
  });

  it('finds an event that never left its spool, unless it was trimmed unseen', () => {
    const lost = 'default /tasks/exec-added c9 e90 0 0';
    for (const round of [goodRound(), trimmedRound()]) {
      round.publisher.push(
        { at: 300, kind: 'invoke', n: 20, way: 'publish', fact: lost, time: '1', again: false },
        { at: 301, kind: 'spooled', n: 20 },
      );
      const expected =
        round.histories[0]!.length === 9
          ? [`kept in a spool and never in any history: ${lost}`]
          : [];
      expect(found(ackDurable, round)).to.deep.equal(expected);
    }
  });

  it('finds an event that is missing from a restored copy', () => {
    const round = rolledBackRound();
    round.histories[1]!.splice(3, 1);
    round.histories[1]!.splice(2, 1, history(records(3, 3, 7))[0]!);
    expect(found(ackDurable, round)).to.deep.equal([
      'offset 3 of history 0 is not in its copy, history 1',
      'offset 4 of history 0 is not in its copy, history 1',
    ]);
  });

  it('finds a missing event that was acknowledged after the restore', () => {
    const round = rolledBackRound();
    round.histories[1]!.pop();
    expect(found(ackDurable, round)).to.deep.equal([
      'acknowledged and not in the history: default /tasks/delete c1 - 10 1',
    ]);
  });
});
