/** Chunks that have been sent and may stay in the array. */
const MAX_SENT = 64;

/** Bytes of one response that wait to be sent, by reference. A single chunk takes no array. */
export class SendQueue {
  /** Bytes that wait. */
  length = 0;
  /** The first chunk that is not sent as a whole, and how much of it is sent. */
  #first: Uint8Array | undefined;
  #sentOfFirst = 0;
  /** Chunks behind the first; those before `#next` have been sent. */
  #others: Uint8Array[] | undefined;
  #next = 0;

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.length += bytes.length;
    if (this.#first === undefined) this.#first = bytes;
    else (this.#others ??= []).push(bytes);
  }

  /** Moves the next bytes to a place in a buffer. Throws RangeError if there are not that many. */
  moveTo(target: Uint8Array, begin: number, count: number): void {
    const end = begin + count;
    let at = begin;
    while (at < end) {
      const chunk = this.#first;
      if (chunk === undefined) throw new RangeError(`${end - at} bytes more than the queue has`);
      const from = this.#sentOfFirst;
      const size = Math.min(chunk.length - from, end - at);
      target.set(size === chunk.length ? chunk : chunk.subarray(from, from + size), at);
      at += size;
      if (from + size === chunk.length) this.#dropFirst();
      else this.#sentOfFirst = from + size;
    }
    this.length -= count;
  }

  #dropFirst(): void {
    this.#sentOfFirst = 0;
    this.#first = undefined;
    const others = this.#others;
    if (others === undefined) return;
    this.#first = others[this.#next++];
    // The array must not keep chunks in memory that have been sent.
    if (this.#next === others.length) this.#others = undefined;
    else if (this.#next === MAX_SENT) this.#others = others.slice(MAX_SENT);
    else return;
    this.#next = 0;
  }
}
