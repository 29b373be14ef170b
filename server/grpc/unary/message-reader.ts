import { FoghornError } from '../../../protocol/errors.js';
import { MAX_MESSAGE_BYTES } from '../../../protocol/limits.js';

/** Compression flag and length, before every gRPC message. */
const PREFIX_BYTES = 5;

/**
 * Splits the bytes of a request into gRPC messages as they arrive. Ignores the compression flags,
 * as grpc-js does in a call that names no encoding.
 */
export class MessageReader {
  #parts: Buffer[] = [];
  #bytes = 0;
  /** Bytes known to be needed for the next message. */
  #needed = PREFIX_BYTES;

  /**
   * Returns the messages that these bytes complete, as views of them where they arrived in one
   * piece. Throws RESOURCE_EXHAUSTED as soon as a prefix announces a message that is too large.
   */
  push(bytes: Buffer): Buffer[] {
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
    const messages: Buffer[] = [];
    while (this.#bytes >= this.#needed) {
      const [first = bytes] = this.#parts;
      const joined = this.#parts.length === 1 ? first : Buffer.concat(this.#parts, this.#bytes);
      const end = PREFIX_BYTES + lengthIn(joined);
      if (joined.length < end) {
        this.#keep(joined, end);
      } else {
        messages.push(joined.subarray(PREFIX_BYTES, end));
        this.#keep(joined.subarray(end), PREFIX_BYTES);
      }
    }
    return messages;
  }

  #keep(rest: Buffer, needed: number): void {
    this.#parts = [rest];
    this.#bytes = rest.length;
    this.#needed = needed;
  }
}

function lengthIn(prefix: Buffer): number {
  const length = prefix.readUInt32BE(1);
  if (length <= MAX_MESSAGE_BYTES) return length;
  throw new FoghornError(
    'RESOURCE_EXHAUSTED',
    `Received message larger than max (${length} vs ${MAX_MESSAGE_BYTES})`,
  );
}
