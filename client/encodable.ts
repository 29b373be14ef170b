import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { FoghornError } from '../protocol/errors.js';

/** What ts-proto generates for a message, as far as it is needed here. */
interface Encoder<T> {
  encode(message: T, writer: BinaryWriter): BinaryWriter;
}

/** A writer keeps its buffer, which costs more than what is written into it; not that of a rare large event. */
let writer = new BinaryWriter();
const KEPT_BYTES = 64 * 1024;

/** Encodes a message, or throws INVALID_ARGUMENT when a field has a value that cannot be encoded. */
export function encode<T>(type: Encoder<T>, message: T): Uint8Array {
  try {
    const bytes = type.encode(message, writer).finish();
    if (bytes.length > KEPT_BYTES) writer = new BinaryWriter();
    return bytes;
  } catch (error) {
    writer = new BinaryWriter();
    throw new FoghornError(
      'INVALID_ARGUMENT',
      `the event cannot be encoded: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/** Throws INVALID_ARGUMENT when an event takes more bytes than a broker accepts. */
export function checkSize(bytes: number, limit: number): void {
  if (bytes <= limit) return;
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `event too large: it takes ${bytes} bytes, the limit is ${limit}`,
  );
}
