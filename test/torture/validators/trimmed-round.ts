import type { ReaderLine } from '../../../torture/records/lines.js';
import {
  begin,
  cursorAt,
  entries,
  EXITS,
  goodRound,
  history,
  bookmark,
  record,
  records,
} from './recorded-round.js';
import type { RecordedRound } from './recorded-round.js';

export function trimmedGap(from: number, to: number, lostAtMost = to - from): ReaderLine {
  return {
    kind: 'gap',
    reason: 'trimmed',
    from: cursorAt(from),
    cursor: cursorAt(to),
    lostAtMost: `${lostAtMost}`,
  };
}

/**
 * A round of the same nine events in which all of the first seven but the exits are trimmed while
 * the readers are away.
 */
export function trimmedRound(): RecordedRound {
  return {
    ...goodRound(),
    histories: [[...history([record(5), record(6)], true), ...history(records(8, 9))]],
    readers: {
      all: [
        begin('earliest'),
        entries(records(1, 2)),
        trimmedGap(2, 7),
        entries(records(8, 9)),
        begin({ after: cursorAt(9) }),
        bookmark('end', cursorAt(9)),
      ],
      exits: [
        begin('earliest', EXITS),
        entries([record(5), record(6)], true),
        entries([record(9)]),
        bookmark('end', cursorAt(9)),
      ],
    },
  };
}
