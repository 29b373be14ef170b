import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { FoghornError } from '../protocol/errors.js';

/** The part of a generated message type that is needed here. */
interface Encoder<T> {
  encode(message: T, writer: BinaryWriter): BinaryWriter;
}

/**
 * Reused, because its buffer costs more than what is written into it. Replaced after a large event.
 */
let writer = new BinaryWriter();
const KEPT_BYTES = 64 * 1024;

/** Encodes a message. Throws INVALID_ARGUMENT when a field has a value that cannot be encoded. */
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

/** Throws INVALID_ARGUMENT for an event that is larger than a broker accepts. */
export function checkSize(bytes: number, limit: number): void {
  if (bytes <= limit) return;
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `event too large: it takes ${bytes} bytes, the limit is ${limit}`,
  );
}
