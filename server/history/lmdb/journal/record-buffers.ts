/** What is larger has memory of its own. */
const BUFFER_BYTES = 512 * 1024;

/**
 * Memory for the records of a part, used again for those that come once it has begun anew: fresh memory for each would keep the garbage
 * collector busy with what lives just too long for it.
 */
export class RecordBuffers {
  readonly #buffers: Buffer[] = [];
  /** The block that is being filled, and how far it is. */
  #current = 0;
  #used = 0;

  /** Some bytes, whatever is in them. */
  take(bytes: number): Buffer {
    if (bytes > BUFFER_BYTES) return Buffer.allocUnsafeSlow(bytes);
    if (this.#used + bytes > BUFFER_BYTES) {
      this.#current += 1;
      this.#used = 0;
    }
    const block = (this.#buffers[this.#current] ??= Buffer.allocUnsafeSlow(BUFFER_BYTES));
    return block.subarray(this.#used, (this.#used += bytes));
  }

  /** Nobody may use any longer what was taken. */
  reuse(): void {
    this.#current = 0;
    this.#used = 0;
  }
}
