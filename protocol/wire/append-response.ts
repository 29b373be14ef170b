import { AppendResponse, type AppendResult } from '../../protos/gen/foghorn/v1/history.js';
import { codeOfGrpcStatus, FoghornError } from '../errors.js';
import { CURSOR_LENGTH } from './entry.js';

/*
 * foghorn.v1.AppendResponse, which answers every event. Where all events are stored, as nearly
 * always, it is written and read by hand; the generated code has the rest (decision 20). The bytes
 * are the same.
 */

/** Tag of AppendResponse.results, of AppendResult.appended and of Appended.cursor. */
const RESULT_TAG = 0x0a;
const APPENDED_TAG = 0x0a;
const CURSOR_TAG = 0x0a;
/** Appended.duplicate. */
const DUPLICATE_TAG = 0x10;
const DUPLICATE_BYTES = 2;

/** Three tags and three lengths of one byte precede a cursor. */
const HEAD_BYTES = 6;

/** The outcome for an event that was sent: its position in history, or why it was not stored. */
export type AppendOutcome = Stored | FoghornError;

/**
 * The event is in the history, as durably as the store promises. The cursor is its position, or
 * that of the first one of duplicates; it is empty when the peer keeps no history, as containerd.
 */
export interface Stored {
  readonly kind: 'stored';
  readonly cursor: string;
  readonly duplicate: boolean;
}

/** Makes the cursors of one history, each of CURSOR_LENGTH ASCII characters. */
interface Cursors {
  cursor(offset: number, fingerprint: number): string;
  write(into: Uint8Array, at: number, offset: number, fingerprint: number): void;
}

/** Identifies a stored event in its history. */
interface StoredAt {
  readonly offset: number;
  readonly fingerprint: number;
  readonly duplicate: boolean;
}

/** The results of a request's events, in their order. */
interface Results {
  readonly results: readonly (StoredAt | FoghornError)[];
  readonly cursors: Cursors;
}

export function encodeAppendResponse({ results, cursors }: Results): Buffer {
  const bytes = Buffer.allocUnsafe(results.length * (HEAD_BYTES + CURSOR_LENGTH + DUPLICATE_BYTES));
  let at = 0;
  for (const result of results) {
    if (result instanceof FoghornError) return encodeAll({ results, cursors });
    at = writeStored(bytes, at, result, cursors);
  }
  return bytes.subarray(0, at);
}

function writeStored(
  bytes: Uint8Array,
  begin: number,
  { offset, fingerprint, duplicate }: StoredAt,
  cursors: Cursors,
): number {
  const cursorEnd = begin + HEAD_BYTES + CURSOR_LENGTH;
  const end = duplicate ? cursorEnd + DUPLICATE_BYTES : cursorEnd;
  bytes[begin] = RESULT_TAG;
  bytes[begin + 1] = end - begin - 2;
  bytes[begin + 2] = APPENDED_TAG;
  bytes[begin + 3] = end - begin - 4;
  bytes[begin + 4] = CURSOR_TAG;
  bytes[begin + 5] = CURSOR_LENGTH;
  cursors.write(bytes, begin + HEAD_BYTES, offset, fingerprint);
  if (duplicate) {
    bytes[cursorEnd] = DUPLICATE_TAG;
    bytes[cursorEnd + 1] = 1;
  }
  return end;
}

function encodeAll({ results, cursors }: Results): Buffer {
  const messages = results.map((result): AppendResult => {
    if (result instanceof FoghornError) {
      const { grpcStatus: code, message } = result;
      return { result: { $case: 'error', value: { code, message } } };
    }
    const { offset, fingerprint, duplicate } = result;
    const cursor = cursors.cursor(offset, fingerprint);
    return { result: { $case: 'appended', value: { cursor, duplicate } } };
  });
  return Buffer.from(AppendResponse.encode({ results: messages }).finish());
}

/** Throws for bytes that are no AppendResponse. */
export function decodeAppendResponse(bytes: Buffer): AppendOutcome[] {
  const outcomes: AppendOutcome[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = endOfStored(bytes, at);
    if (end === undefined) return AppendResponse.decode(bytes).results.map(outcomeOf);
    const cursorEnd = at + HEAD_BYTES + (bytes[at + 5] ?? 0);
    const cursor = bytes.toString('utf8', at + HEAD_BYTES, cursorEnd);
    outcomes.push({ kind: 'stored', cursor, duplicate: cursorEnd < end });
    at = end;
  }
  return outcomes;
}

/** End of a result that has a cursor and perhaps `duplicate`, all with lengths of one byte. */
function endOfStored(bytes: Buffer, at: number): number | undefined {
  const length = bytes[at + 1] ?? 0;
  const cursorLength = bytes[at + 5] ?? 0;
  const end = at + 2 + length;
  const isCursor =
    length < 0x80 &&
    end <= bytes.length &&
    bytes[at] === RESULT_TAG &&
    bytes[at + 2] === APPENDED_TAG &&
    bytes[at + 3] === length - 2 &&
    bytes[at + 4] === CURSOR_TAG;
  if (!isCursor) return undefined;
  const rest = end - (at + HEAD_BYTES + cursorLength);
  if (rest === 0) return end;
  const isDuplicate =
    rest === DUPLICATE_BYTES && bytes[end - 2] === DUPLICATE_TAG && bytes[end - 1] === 1;
  return isDuplicate ? end : undefined;
}

/** The outcome that a result of the generated decoder stands for. */
export function outcomeOf({ result }: AppendResult): AppendOutcome {
  switch (result?.$case) {
    case 'appended':
      return { kind: 'stored', ...result.value };
    case 'error':
      return new FoghornError(codeOfGrpcStatus(result.value.code), result.value.message);
    case undefined:
      return new FoghornError('UNKNOWN', 'the broker did not say whether the event was stored');
  }
}
