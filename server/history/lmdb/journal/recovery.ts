import { refusal } from '../guard/refusal.js';
import type { RecoveredSegment } from './segment.js';
import { LogRecord } from './record.js';

/**
 * Finds the records that the tables lack in each of the log's files.
 *
 * Every record was flushed before the next one was written, so a record missing before an intact
 * one was damaged later, or the files are copies from different times. Throws FAILED_PRECONDITION
 * when the records do not continue from `last` without a hole.
 *
 * @param last offset of the newest entry in the tables
 */
export function recoverSegments(
  directory: string,
  [first, second]: readonly [Buffer, Buffer],
  signature: Buffer,
  last: number,
): [RecoveredSegment, RecoveredSegment] {
  const segments: [RecoveredSegment, RecoveredSegment] = [
    recoverSegment(first, signature, last),
    recoverSegment(second, signature, last),
  ];
  const records = segments.flatMap((segment) => segment.records).sort((a, b) => a.first - b.first);
  let previous = last;
  for (const record of records) {
    // A checkpoint may have stored part of the oldest record.
    const follows = record.first === previous + 1 || (previous === last && record.first <= last);
    if (!follows) throw refusal(directory, discontinuity(previous, record.first));
    previous = record.last;
  }
  return segments;
}

/**
 * The intact records of a file that have entries after an offset. The whole file is searched,
 * because stale or torn records may stand before and after them.
 */
function recoverSegment(file: Buffer, signature: Buffer, last: number): RecoveredSegment {
  const records = logRecords(file, signature).filter((record) => record.last > last);
  const newest = records.at(-1)?.bytes;
  const end = newest === undefined ? 0 : newest.byteOffset - file.byteOffset + newest.length;
  return { records, end };
}

/** All intact records of a file, stale ones included, in the order of the file. */
export function logRecords(file: Buffer, signature: Buffer): LogRecord[] {
  const records: LogRecord[] = [];
  for (let at = file.indexOf(signature); at !== -1;) {
    const record = LogRecord.in(file.subarray(at));
    if (record !== undefined) records.push(record);
    at = file.indexOf(signature, at + (record?.bytes.length ?? 1));
  }
  return records;
}

function discontinuity(last: number, next: number): string {
  const problem =
    next > last
      ? `the entries between offsets ${last} and ${next} are missing`
      : `entry ${next} is there twice`;
  return (
    `its write-ahead log (journal-0, journal-1) does not continue its data.mdb: ${problem}. ` +
    'Restore all of them from the same copy, or move both journal files away to continue without the entries that only they have'
  );
}
