import { FoghornError } from '../../protocol/errors.js';
import { AppendResponse, type AppendResult } from '../../protos/gen/foghorn/v1/history.js';
import type { AppendedEvents, Appended } from '../broker/append.js';
import { CURSOR_LENGTH, type CursorWriter } from '../events/cursor.js';

/*
 * The answer to every event goes this way, so where all are stored, as nearly always, it is written into one buffer by hand (see
 * decision 20). The bytes are those of the generated encoder.
 */

/** AppendResponse.results, AppendResult.appended, Appended.cursor: field 1, and a length. */
const TAG = 0x0a;
const HEAD_BYTES = 6;
/** Appended.duplicate, true. */
const DUPLICATE = Uint8Array.of(0x10, 1);

/** An encoded foghorn.v1.AppendResponse. */
export function encodeAppendResponse({ results, cursors }: AppendedEvents): Buffer {
  const bytes = Buffer.allocUnsafe(
    results.length * (HEAD_BYTES + CURSOR_LENGTH + DUPLICATE.length),
  );
  let at = 0;
  for (const result of results) {
    if (result instanceof FoghornError) return encodeAll({ results, cursors });
    at = writeResult(bytes, at, result, cursors);
  }
  return bytes.subarray(0, at);
}

function writeResult(
  bytes: Uint8Array,
  begin: number,
  { offset, fingerprint, duplicate }: Appended,
  cursors: CursorWriter,
): number {
  const length = HEAD_BYTES + CURSOR_LENGTH + (duplicate ? DUPLICATE.length : 0);
  bytes[begin] = TAG;
  bytes[begin + 1] = length - 2;
  bytes[begin + 2] = TAG;
  bytes[begin + 3] = length - 4;
  bytes[begin + 4] = TAG;
  bytes[begin + 5] = CURSOR_LENGTH;
  cursors.write(bytes, begin + HEAD_BYTES, offset, fingerprint);
  if (duplicate) bytes.set(DUPLICATE, begin + HEAD_BYTES + CURSOR_LENGTH);
  return begin + length;
}

function encodeAll({ results, cursors }: AppendedEvents): Buffer {
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
