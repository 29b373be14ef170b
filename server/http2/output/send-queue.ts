/** Bytes of one response that wait to be sent, by reference. */
export class SendQueue {
  /** Bytes that wait. */
  length = 0;
  #chunks: Uint8Array[] = [];
  /** The first chunk that is not sent, and how much of it is. */
  #first = 0;
  #sentOfFirst = 0;

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.length += bytes.length;
  }

  /** Moves the next bytes to a place in a buffer. There must be that many. */
  moveTo(target: Uint8Array, begin: number, count: number): void {
    const end = begin + count;
    let at = begin;
    while (at < end) {
      const chunk = this.#chunks[this.#first];
      if (chunk === undefined) throw new RangeError(`${end - at} bytes more than the queue has`);
      const from = this.#sentOfFirst;
      const size = Math.min(chunk.length - from, end - at);
      target.set(size === chunk.length ? chunk : chunk.subarray(from, from + size), at);
      at += size;
      if (from + size === chunk.length) this.#dropFirst();
      else this.#sentOfFirst = from + size;
    }
    this.length -= count;
    if (this.length === 0) this.clear();
  }

  clear(): void {
    this.length = 0;
    this.#chunks = [];
    this.#first = this.#sentOfFirst = 0;
  }

  #dropFirst(): void {
    this.#first += 1;
    this.#sentOfFirst = 0;
    // Chunks that are sent must not stay in memory as long as more are pushed.
    if (this.#first < 64) return;
    this.#chunks = this.#chunks.slice(this.#first);
    this.#first = 0;
  }
}
