/** Streams that this server ended first: the client's frames for them may be on the way. */
export class ClosedStreams {
  readonly #ids = new Set<number>();

  constructor(private readonly max: number) {}

  /** Remembers a stream; forgets the oldest if there are too many. */
  add(id: number): void {
    this.#ids.add(id);
    if (this.#ids.size <= this.max) return;
    for (const oldest of this.#ids) {
      this.#ids.delete(oldest);
      return;
    }
  }

  has(id: number): boolean {
    return this.#ids.has(id);
  }
}
