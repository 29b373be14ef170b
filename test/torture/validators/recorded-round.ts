import { CursorWriter } from '../../../server/events/cursor.js';
import type {
  BrokerLine,
  EntryRecord,
  HistoryLine,
  PublisherLine,
  ReaderLine,
  Stamped,
  WaiterLine,
} from '../../../torture/records/lines.js';
import type { Recorded } from '../../../torture/records/record-reader.js';
import type { Selection } from '../../../torture/records/selection.js';
import { evidenceOf } from '../../../torture/validators/evidence.js';
import type { Evidence } from '../../../torture/validators/evidence.js';
import type { Validator } from '../../../torture/validators/verdict.js';

export const EPOCH = '0011223344556677';
export const OTHER_EPOCH = '8899aabbccddeeff';

/**
 * Returns the cursor of an entry.
 *
 * @param course distinguishes entries with the same offset in different lineages
 */
export function cursorAt(offset: number, course = 0, epoch = EPOCH): string {
  return new CursorWriter(epoch).cursor(offset, offset === 0 ? 0 : 1000 * (course + 1) + offset);
}

/** Facts at offsets 1, 2, 3, … */
export const FACTS = [
  'default /tasks/create c1 - 10 0',
  'default /tasks/start c1 - 10 0',
  'default /tasks/exec-added c1 e11 0 0',
  'default /tasks/exec-started c1 e11 11 0',
  'default /tasks/exit c1 - 10 42',
  'default /tasks/exit c1 - 10 255',
  'default /tasks/create c1 - 12 0',
  'default /tasks/start c1 - 12 0',
  'default /tasks/exit c1 - 12 0',
];

export function record(offset: number, course = 0): EntryRecord {
  return [cursorAt(offset, course), FACTS[offset - 1]!, `${offset * 1_000_000}`];
}

export function records(from: number, to: number, course = 0): EntryRecord[] {
  return Array.from({ length: to - from + 1 }, (_, index) => record(from + index, course));
}

export const EVERYTHING: Selection = { anyOf: [] };
export const EXITS: Selection = { anyOf: [{ topic: '/tasks/exit' }] };

/** Records that a test may change. A line's time is its `at`, or ten times its number. */
export interface RecordedRound {
  broker: (BrokerLine & Partial<Stamped>)[];
  histories: HistoryLine[][];
  publisher: (PublisherLine & Partial<Stamped>)[];
  readers: Record<string, (ReaderLine & Partial<Stamped>)[]>;
  waiter: (WaiterLine & Partial<Stamped>)[];
  lastWaits: (WaiterLine & Partial<Stamped>)[];
}

export function begin(
  start: Extract<ReaderLine, { kind: 'begin' }>['start'],
  selection = EVERYTHING,
  broker = 0,
): ReaderLine {
  return { kind: 'begin', broker, selection, gapPolicy: 'continue', start };
}

export function entries(list: readonly EntryRecord[], keptExits = false): ReaderLine {
  return { kind: 'entries', keptExits, entries: list };
}

export function bookmark(kind: 'progress' | 'caught up' | 'end', cursor: string): ReaderLine {
  return { kind, cursor };
}

export function history(list: readonly EntryRecord[], keptExit = false): HistoryLine[] {
  return list.map((entry) => ({ kind: 'entry', entry, keptExit }));
}

/** Returns call `n` and its answer, five milliseconds later. */
export function stored(
  n: number,
  fact: string,
  cursor: string,
  { at = n * 10, again = false, duplicate = false } = {},
): RecordedRound['publisher'] {
  return [
    { at, kind: 'invoke', n, way: 'forward', fact, time: '1', again },
    { at: at + 5, kind: 'stored', n, cursor, duplicate },
  ];
}

/**
 * Returns a valid round of nine events, a reader of everything that was killed once, a reader of
 * exits, and waits.
 */
export function goodRound(): RecordedRound {
  return {
    broker: [
      { at: 0, kind: 'lineage', lineage: 0, epoch: EPOCH, parent: null, fork: 0 },
      { at: 1000, kind: 'lineage over', lineage: 0 },
    ],
    histories: [history(records(1, 9))],
    publisher: [
      { at: 1, kind: 'begin' },
      ...FACTS.flatMap((fact, index) => stored(index + 1, fact, cursorAt(index + 1))),
      ...stored(10, FACTS[1]!, cursorAt(2), { again: true, duplicate: true }),
    ],
    readers: {
      all: [
        begin('earliest'),
        bookmark('caught up', cursorAt(0)),
        entries(records(1, 4)),
        begin({ after: cursorAt(4) }),
        entries(records(5, 9)),
        begin({ after: cursorAt(9) }),
        bookmark('end', cursorAt(9)),
      ],
      exits: [
        begin('earliest', EXITS),
        entries([record(5), record(6)]),
        bookmark('progress', cursorAt(8)),
        entries([record(9)]),
        begin({ after: cursorAt(9) }, EXITS),
        bookmark('end', cursorAt(9)),
      ],
    },
    waiter: [
      { at: 1, kind: 'begin' },
      ...waited(1, { kind: 'pid', pid: 10 }, { at: 20, status: 42, pid: 10, offset: 5 }),
      ...waited(
        2,
        { kind: 'after', cursor: cursorAt(2) },
        { at: 60, status: 42, pid: 10, offset: 5 },
      ),
      ...waited(3, { kind: 'next' }, { at: 60, status: 0, pid: 12, offset: 9 }),
      ...waited(4, { kind: 'not running' }, { at: 200, status: 0, pid: 12, offset: 9 }),
    ],
    lastWaits: [
      ...waited(1, { kind: 'pid', pid: 10 }, { at: 2000, status: 42, pid: 10, offset: 5 }),
      ...waited(2, { kind: 'pid', pid: 12 }, { at: 2000, status: 0, pid: 12, offset: 9 }),
    ],
  };
}

/** Returns wait `n` and its answer, 100 ms later. */
export function waited(
  n: number,
  condition: Extract<WaiterLine, { kind: 'invoke' }>['condition'],
  {
    at,
    status,
    pid,
    offset,
    course = 0,
  }: Record<'at' | 'status' | 'pid' | 'offset', number> & { course?: number },
): RecordedRound['waiter'] {
  return [
    { at, kind: 'invoke', n, namespace: 'default', container: 'c1', condition },
    { at: at + 100, kind: 'exited', n, status, pid, cursor: cursorAt(offset, course) },
  ];
}

export function evidenceIn(round: RecordedRound): Evidence {
  const readers = Object.entries(round.readers);
  return evidenceOf({
    broker: lines('broker', round.broker),
    histories: round.histories.map((one, index) => lines(`history-${index}`, one)),
    publishers: new Map([['p', lines('publisher', round.publisher)]]),
    readers: new Map(readers.map(([name, own]) => [name, lines(name, own)])),
    crowd: new Map(),
    waiters: new Map([['w', lines('waiter', round.waiter)]]),
    lastWaits: lines('last-waits', round.lastWaits),
  });
}

function lines<Line extends object>(file: string, list: readonly Line[]): Recorded<Line>[] {
  return list.map((line, index) => ({
    at: (index + 1) * 10,
    ...line,
    ref: { file, line: index + 1 },
  }));
}

/** Returns the texts of the violations that a validator finds. */
export function found(validate: Validator, round: RecordedRound): string[] {
  return validate(evidenceIn(round)).violations.map(({ text }) => text);
}
