/** Counts bytes of unfinished requests, of one connection within those of its server. */
export class HeldBytes {
  #bytes = 0;

  constructor(
    private readonly max: number,
    private readonly whole?: HeldBytes,
  ) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** Returns false if there are more than may be; they are counted nevertheless. */
  add(bytes: number): boolean {
    this.#bytes += bytes;
    const fits = this.whole === undefined || this.whole.add(bytes);
    return fits && this.#bytes <= this.max;
  }

  remove(bytes: number): void {
    this.#bytes -= bytes;
    this.whole?.remove(bytes);
  }

  /** The connection has ended. */
  clear(): void {
    this.remove(this.#bytes);
  }
}
