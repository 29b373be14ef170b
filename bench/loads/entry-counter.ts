import type { DeliveryCounter } from './deliveries.js';

const PREFIX_BYTES = 5;
/** Tag of `ReadResponse.entries`, and of `EntryBatch.entries` too: field 1, length-delimited. */
const ENTRIES_TAG = 0x0a;
const CONTINUATION = 0x80;

type State = 'prefix' | 'kind' | 'batch length' | 'field' | 'entry length' | 'flag';

/**
 * Counts the entries in a stream of `ReadResponse` messages without copying or decoding them.
 * Relies on the form that the broker sends: a batch is its message's only field.
 */
export class EntryCounter implements DeliveryCounter {
  count = 0;
  #state: State = 'prefix';
  /** Bytes of the current prefix that have come. */
  #prefixBytes = 0;
  /** Bytes of the current message still to come. */
  #remaining = 0;
  /** Bytes to pass over: an entry, or a message without entries. */
  #skipped = 0;
  #varint = 0;
  #varintShift = 0;

  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#skipped > 0) {
        const passed = Math.min(this.#skipped, bytes.length - at);
        at += passed;
        this.#skipped -= passed;
        this.#consume(passed);
      } else this.#take(bytes[at++] ?? 0);
    }
  }

  #take(byte: number): void {
    if (this.#state === 'prefix') {
      this.#takePrefix(byte);
      return;
    }
    if (this.#state === 'kind') {
      if (byte === ENTRIES_TAG) this.#state = 'batch length';
      else this.#skipped = this.#remaining - 1;
    } else if (this.#state === 'field') {
      this.#state = byte === ENTRIES_TAG ? 'entry length' : 'flag';
    } else this.#takeVarint(byte);
    this.#consume(1);
  }

  #takePrefix(byte: number): void {
    // The first byte is the compression flag, which is never set here.
    if (this.#prefixBytes > 0) this.#remaining = this.#remaining * 256 + byte;
    this.#prefixBytes += 1;
    if (this.#prefixBytes < PREFIX_BYTES) return;
    this.#prefixBytes = 0;
    if (this.#remaining > 0) this.#state = 'kind';
  }

  #takeVarint(byte: number): void {
    this.#varint += (byte & ~CONTINUATION) * 2 ** this.#varintShift;
    this.#varintShift += 7;
    if ((byte & CONTINUATION) !== 0) return;
    if (this.#state === 'entry length') {
      this.count += 1;
      this.#skipped = this.#varint;
    }
    this.#state = 'field';
    this.#varint = 0;
    this.#varintShift = 0;
  }

  #consume(bytes: number): void {
    this.#remaining -= bytes;
    if (this.#remaining === 0) this.#state = 'prefix';
  }
}
