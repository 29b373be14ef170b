import { expect } from 'chai';
import { exitNeverLost } from '../../../torture/validators/exit-never-lost.js';
import { rolledBackRound } from './rolled-back-round.js';
import { cursorAt, found, goodRound, waited } from './recorded-round.js';
import type { RecordedRound } from './recorded-round.js';
import { trimmedRound } from './trimmed-round.js';

describe('ExitNeverLost', () => {
  it('finds an exit that was trimmed', () => {
    const round = trimmedRound();
    round.histories[0]!.shift();
    expect(found(exitNeverLost, round)).to.include(
      'an acknowledged exit is gone: default /tasks/exit c1 - 10 42',
    );
  });

  const WRONG: [string, RecordedRound['waiter'], string][] = [
    [
      'a later report instead of the first',
      waited(1, { kind: 'pid', pid: 10 }, { at: 200, status: 255, pid: 10, offset: 6 }),
      'says 255, and the first end of that run says 42',
    ],
    [
      'a code that nobody reported',
      waited(1, { kind: 'pid', pid: 10 }, { at: 200, status: 0, pid: 10, offset: 5 }),
      'says 0 of pid 10, and the entry says 42 of 10',
    ],
    [
      'another run',
      waited(1, { kind: 'pid', pid: 10 }, { at: 200, status: 0, pid: 12, offset: 9 }),
      'is not about pid 10',
    ],
    [
      'an entry that is there no more',
      waited(1, { kind: 'next' }, { at: 20, status: 42, pid: 10, offset: 5, course: 3 }),
      'names an entry that is not in the history',
    ],
    [
      'an entry that ends nothing',
      waited(1, { kind: 'next' }, { at: 20, status: 0, pid: 12, offset: 8 }),
      'names an entry that does not end a run of it: default /tasks/start c1 - 12 0',
    ],
    [
      'a later end than the first after a cursor',
      waited(1, { kind: 'after', cursor: cursorAt(2) }, { at: 200, status: 0, pid: 12, offset: 9 }),
      'names offset 9, and the first end after 2 is 5',
    ],
    [
      'an end from before the next one was asked for',
      waited(1, { kind: 'next' }, { at: 60, status: 42, pid: 10, offset: 5 }),
      'names an end that was there already at offset 5',
    ],
    [
      'a run that was not the newest any more',
      waited(1, { kind: 'not running' }, { at: 90, status: 42, pid: 10, offset: 5 }),
      'is about a run before the one of offset 7',
    ],
  ];
  for (const [what, waiter, text] of WRONG) {
    it(`finds a wait that was answered with ${what}`, () => {
      const round = { ...goodRound(), waiter };
      expect(found(exitNeverLost, round)).to.deep.equal([`the wait for default c1 ${text}`]);
    });
  }

  it('finds a run whose end no wait reports', () => {
    const round = goodRound();
    round.lastWaits = round.lastWaits.slice(0, 2);
    round.lastWaits.push(
      ...waited(2, { kind: 'pid', pid: 12 }, { at: 9, status: 0, pid: 12, offset: 9 }).slice(0, 1),
      { kind: 'failed', n: 2, code: 'DEADLINE_EXCEEDED', message: 'it has not ended' },
    );
    expect(found(exitNeverLost, round)).to.deep.equal([
      'no wait reports how run default c1 - 12 ended: it has not ended',
    ]);
  });

  it('finds a wait after a cursor that a restored copy does not have', () => {
    const round = rolledBackRound();
    const condition = { kind: 'after', cursor: cursorAt(9) } as const;
    round.waiter = waited(1, condition, { at: 500, status: 1, pid: 10, offset: 5, course: 1 });
    expect(found(exitNeverLost, round)).to.deep.equal([
      'the wait for default c1 counts from another history',
    ]);
  });
});
