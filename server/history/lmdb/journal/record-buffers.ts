/** Larger records get a buffer of their own. */
const BUFFER_BYTES = 512 * 1024;

/**
 * Memory for the records of a segment, reused after each checkpoint. Records live just long enough
 * to be promoted by the garbage collector, so fresh buffers for each would keep it busy.
 */
export class RecordBuffers {
  readonly #buffers: Buffer[] = [];
  /** Index of the buffer being filled, and the bytes of it that are in use. */
  #current = 0;
  #used = 0;

  /** A buffer with arbitrary contents. */
  take(bytes: number): Buffer {
    if (bytes > BUFFER_BYTES) return Buffer.allocUnsafeSlow(bytes);
    if (this.#used + bytes > BUFFER_BYTES) {
      this.#current += 1;
      this.#used = 0;
    }
    const buffer = (this.#buffers[this.#current] ??= Buffer.allocUnsafeSlow(BUFFER_BYTES));
    return buffer.subarray(this.#used, (this.#used += bytes));
  }

  /** Reclaims all buffers that were taken. */
  reuse(): void {
    this.#current = 0;
    this.#used = 0;
  }
}
