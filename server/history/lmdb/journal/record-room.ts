/** A record that is larger has memory of its own. */
const MARGIN = 1024 * 1024;

/**
 * Memory for the records of a part, used again for those that come once it has begun anew: fresh memory for each would keep the garbage
 * collector busy with what lives just too long for it.
 */
export class RecordRoom {
  readonly #size: number;
  #memory: Buffer | undefined;
  #used = 0;

  /** @param bytes about as many as a part holds */
  constructor(bytes: number) {
    this.#size = bytes + MARGIN;
  }

  /** Some bytes, whatever is in them. */
  take(bytes: number): Buffer {
    if (this.#used + bytes > this.#size) return Buffer.allocUnsafeSlow(bytes);
    this.#memory ??= Buffer.allocUnsafeSlow(this.#size);
    const taken = this.#memory.subarray(this.#used, this.#used + bytes);
    this.#used += bytes;
    return taken;
  }

  /** Nobody may use any longer what was taken. */
  restart(): void {
    this.#used = 0;
  }
}
