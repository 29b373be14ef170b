import type { DeliveryCounter } from './deliveries.js';

const PREFIX_BYTES = 5;

/** Counts gRPC messages in a byte stream without copying them. */
export class MessageCounter implements DeliveryCounter {
  count = 0;
  /** Bytes of the current message still to come. */
  #remaining = 0;
  /** Bytes of the current prefix that have come. */
  #prefixBytes = 0;
  #length = 0;

  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#remaining > 0) {
        const taken = Math.min(this.#remaining, bytes.length - at);
        at += taken;
        this.#remaining -= taken;
        if (this.#remaining === 0) this.count += 1;
      } else if (this.#prefixBytes === 0 && bytes.length - at >= PREFIX_BYTES) {
        this.#begin(bytes.readUInt32BE(at + 1));
        at += PREFIX_BYTES;
      } else this.#takePrefixByte(bytes[at++] ?? 0);
    }
  }

  #takePrefixByte(byte: number): void {
    // The first byte is the compression flag, which is never set here.
    if (this.#prefixBytes > 0) this.#length = this.#length * 256 + byte;
    this.#prefixBytes += 1;
    if (this.#prefixBytes === PREFIX_BYTES) this.#begin(this.#length);
  }

  #begin(length: number): void {
    this.#prefixBytes = 0;
    this.#length = 0;
    this.#remaining = length;
    if (length === 0) this.count += 1;
  }
}
