import { NewEvent } from '../../protos/gen/foghorn/v1/history.js';
import { checkSize, encode, MAX_EVENT_BYTES } from '../encodable.js';
import { isOrdinary, mostBytes, writePublication } from './encode-publication.js';
import { MOST_FRAMING, writeHead } from './write-head.js';

const EVENT_TAG = 0x0a;

/** Encoded events one after the other, which is what an encoded foghorn.v1.AppendRequest is. */
export class EventFrames {
  #bytes: Buffer;
  #length = 0;

  /** @param expected about how many bytes there will be */
  constructor(expected: number) {
    this.#bytes = Buffer.allocUnsafe(expected);
  }

  get length(): number {
    return this.#length;
  }

  /** Throws INVALID_ARGUMENT for an event that cannot be encoded or is too large; then nothing is added. */
  add({ event }: NewEvent): void {
    if (event?.$case === 'publish' && isOrdinary(event.value)) {
      const most = mostBytes(event.value);
      if (most <= MAX_EVENT_BYTES) {
        this.#makeRoom(most);
        this.#length = writePublication(this.#bytes, this.#length, event.value);
        return;
      }
    }
    const encoded = encode(NewEvent, { event });
    checkSize(encoded.length, MAX_EVENT_BYTES);
    this.#makeRoom(encoded.length + MOST_FRAMING);
    const begin = writeHead(this.#bytes, this.#length, EVENT_TAG, encoded.length);
    this.#bytes.set(encoded, begin);
    this.#length = begin + encoded.length;
  }

  /** They are not copied, and never change. */
  slice(begin = 0, end = this.#length): Buffer {
    return this.#bytes.subarray(begin, end);
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.slice());
    this.#bytes = grown;
  }
}

/** An encoded foghorn.v1.AppendRequest. Throws INVALID_ARGUMENT for an event that cannot be encoded or is too large. */
export function encodeEvents(events: readonly NewEvent[]): Buffer {
  const frames = new EventFrames(1024);
  for (const event of events) frames.add(event);
  return frames.slice();
}
