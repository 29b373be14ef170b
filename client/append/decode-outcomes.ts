import { AppendResponse } from '../../protos/gen/foghorn/v1/history.js';
import { outcomeOf } from '../publish/outcome.js';
import type { Outcome } from '../publish/outcome.js';

/** Of AppendResponse.results, AppendResult.appended and Appended.cursor alike: field 1, and a length. */
const TAG = 0x0a;
const DUPLICATE_TAG = 0x10;
/** What precedes a cursor: three tags, and three lengths of one byte. */
const HEAD = 6;

/**
 * The outcomes in an encoded foghorn.v1.AppendResponse. Those that say where an event is, which nearly all do, are read by hand:
 * the generated decoder makes four objects of each (see decision 20). Throws for bytes that are no such message.
 */
export function decodeOutcomes(bytes: Buffer): Outcome[] {
  const outcomes: Outcome[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = endOfStored(bytes, at);
    if (end === undefined) return AppendResponse.decode(bytes).results.map(outcomeOf);
    const begin = at + HEAD;
    const cursorEnd = begin + (bytes[at + 5] ?? 0);
    const cursor = bytes.toString('utf8', begin, cursorEnd);
    outcomes.push({ kind: 'stored', cursor, duplicate: cursorEnd < end });
    at = end;
  }
  return outcomes;
}

/** Where a result ends, if it has a cursor, and after that nothing or that it is a duplicate; all lengths in one byte. */
function endOfStored(bytes: Buffer, at: number): number | undefined {
  const length = bytes[at + 1] ?? 0;
  const cursorLength = bytes[at + 5] ?? 0;
  const end = at + 2 + length;
  const isCursor =
    length < 0x80 &&
    end <= bytes.length &&
    bytes[at] === TAG &&
    bytes[at + 2] === TAG &&
    bytes[at + 3] === length - 2 &&
    bytes[at + 4] === TAG;
  if (!isCursor) return undefined;
  const rest = end - (at + HEAD + cursorLength);
  if (rest === 0) return end;
  const isDuplicate = rest === 2 && bytes[end - 2] === DUPLICATE_TAG && bytes[end - 1] === 1;
  return isDuplicate ? end : undefined;
}
