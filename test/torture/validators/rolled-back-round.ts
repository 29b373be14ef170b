import {
  begin,
  cursorAt,
  entries,
  EPOCH,
  goodRound,
  history,
  bookmark,
  record,
  records,
  stored,
} from './recorded-round.js';
import { FACTS } from './recorded-round.js';
import type { RecordedRound } from './recorded-round.js';

/** Facts at offsets 5 and 6 of the second lineage. */
const LATER = ['default /tasks/exit c1 - 10 1', 'default /tasks/delete c1 - 10 1'];

export function laterRecord(offset: 5 | 6): ReturnType<typeof record> {
  const [, , time] = record(offset);
  return [cursorAt(offset, 1), LATER[offset - 5]!, time];
}

/** A round of nine events in which a copy of the first four is restored and two others follow. */
export function rolledBackRound(): RecordedRound {
  const good = goodRound();
  return {
    ...good,
    broker: [
      { at: 0, kind: 'lineage', lineage: 0, epoch: EPOCH, parent: null, fork: 0 },
      { at: 300, kind: 'lineage over', lineage: 0 },
      { at: 310, kind: 'lineage', lineage: 1, epoch: EPOCH, parent: 0, fork: 4 },
      { at: 1000, kind: 'lineage over', lineage: 1 },
    ],
    histories: [
      history(records(1, 9)),
      history([...records(1, 4), laterRecord(5), laterRecord(6)]),
    ],
    publisher: [
      { at: 1, kind: 'begin' },
      ...FACTS.flatMap((fact, index) => stored(index + 1, fact, cursorAt(index + 1))),
      ...LATER.flatMap((fact, index) =>
        stored(index + 11, fact, cursorAt(index + 5, 1), { at: 400 + index * 10 }),
      ),
    ],
    readers: {
      all: [
        begin('earliest'),
        entries(records(1, 9)),
        {
          at: 500,
          kind: 'gap',
          reason: 'rolled back',
          from: cursorAt(9),
          cursor: cursorAt(0),
          lostAtMost: '0',
        },
        { at: 510, ...entries([...records(1, 4), laterRecord(5), laterRecord(6)]) },
        { at: 520, ...bookmark('end', cursorAt(6, 1)) },
      ],
    },
    waiter: [],
    lastWaits: [
      {
        at: 2000,
        kind: 'invoke',
        n: 1,
        namespace: 'default',
        container: 'c1',
        condition: { kind: 'pid', pid: 10 },
      },
      { at: 2010, kind: 'exited', n: 1, status: 1, pid: 10, cursor: cursorAt(5, 1) },
    ],
  };
}
