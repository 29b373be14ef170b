import { AppendResponse, type AppendResult } from '../../protos/gen/foghorn/v1/history.js';
import { codeOfGrpcStatus, FoghornError } from '../errors.js';
import { excerpt } from '../excerpt.js';
import { MAX_DETAILS } from '../limits.js';
import { CURSOR_LENGTH } from './entry.js';
import { fieldSize, optionalFieldSize, writeHead, writeOptional } from './writer.js';

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

function encodeAll(response: Results): Buffer {
  return Buffer.concat([...encodeInSlices(response, response.results.length)]);
}

/** Encodes parts of the response, each of some results, for one with many of them. */
export function* encodeInSlices({ results, cursors }: Results, size: number): Iterable<Buffer> {
  const refusals = new Refusals();
  for (let from = 0; from < results.length; from += size) {
    const encoded = results.slice(from, from + size).map((result) => {
      if (result instanceof FoghornError) return refusals.encode(result);
      const bytes = Buffer.allocUnsafe(HEAD_BYTES + CURSOR_LENGTH + DUPLICATE_BYTES);
      return bytes.subarray(0, writeStored(bytes, 0, result, cursors));
    });
    yield Buffer.concat(encoded);
  }
}

/** AppendResult.error, AppendError.code and AppendError.message. */
const ERROR_TAG = 0x12;
const CODE_TAG = 0x08;
const MESSAGE_TAG = 0x12;
const CODE_BYTES = 2;

/**
 * Refusals of one response up to this size together have whole texts; those after it short ones.
 */
const WHOLE_BYTES = 4 * 1024 * 1024;
/** With it the response to the largest message fits into 16 MiB. */
const SHORT_TEXT = 40;

/** Encodes the refusals of one response. Many of them mostly have the same text. */
class Refusals {
  #last: { readonly code: number; readonly message: string; readonly bytes: Buffer } | undefined;
  #bytes = 0;

  encode({ grpcStatus: code, message }: FoghornError): Buffer {
    const isShort = this.#bytes > WHOLE_BYTES;
    const text = excerpt(message, isShort ? SHORT_TEXT : MAX_DETAILS);
    if (this.#last?.code !== code || this.#last.message !== text) {
      this.#last = { code, message: text, bytes: refusalBytes(code, Buffer.from(text)) };
    }
    this.#bytes += this.#last.bytes.length;
    return this.#last.bytes;
  }
}

function refusalBytes(code: number, message: Buffer): Buffer {
  const errorBytes = CODE_BYTES + optionalFieldSize(message.length);
  const bytes = Buffer.allocUnsafe(fieldSize(fieldSize(errorBytes)));
  let at = writeHead(bytes, 0, RESULT_TAG, fieldSize(errorBytes));
  at = writeHead(bytes, at, ERROR_TAG, errorBytes);
  at = writeHead(bytes, at, CODE_TAG, code);
  writeOptional(bytes, at, MESSAGE_TAG, message);
  return bytes;
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
