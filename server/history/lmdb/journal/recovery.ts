import { refusal } from '../guard/refusal.js';
import type { RecoveredSegment } from './segment.js';
import { LogRecord } from './record.js';

/**
 * What was left in each of a journal's files. A record was flushed before the next one was written: what is missing before a whole
 * one was damaged later, or is of a copy of another time.
 *
 * @param last the newest entry in the tables. Throws FAILED_PRECONDITION when what was left does not go on from it without a hole.
 */
export function recoverSegments(
  directory: string,
  [one, other]: readonly [Buffer, Buffer],
  mark: Buffer,
  last: number,
): [RecoveredSegment, RecoveredSegment] {
  const left = [recoverSegment(one, mark, last), recoverSegment(other, mark, last)] as const;
  const records = left.flatMap((part) => part.records).sort((a, b) => a.first - b.first);
  let reached = last;
  for (const record of records) {
    // The oldest may be settled in part.
    const follows = record.first === reached + 1 || (reached === last && record.first <= last);
    if (!follows) throw refusal(directory, discontinuity(reached, record.first));
    reached = record.last;
  }
  return [...left];
}

/** The whole records in a file with entries after an offset, wherever they are: what was never written to its end is none. */
function recoverSegment(file: Buffer, mark: Buffer, last: number): RecoveredSegment {
  const records: LogRecord[] = [];
  let end = 0;
  for (let at = file.indexOf(mark); at !== -1;) {
    const record = LogRecord.in(file.subarray(at));
    const next = at + (record?.bytes.length ?? 1);
    if (record !== undefined && record.last > last) {
      records.push(record);
      end = next;
    }
    at = file.indexOf(mark, next);
  }
  return { records, end };
}

function discontinuity(last: number, next: number): string {
  const what =
    next > last
      ? `the entries between offsets ${last} and ${next} are missing`
      : `entry ${next} is there twice`;
  return (
    `its journal does not follow its data.mdb: ${what}. Restore both from the same copy, ` +
    'or move the journal away to go on without what is only there'
  );
}
