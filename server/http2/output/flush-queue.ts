/** Has output that is written once for each iteration of the event loop. */
export interface Flushable {
  flush(): void;
}

/** Connections that have output, flushed together after the iteration's reads. */
export class FlushQueue {
  #waiting: Flushable[] = [];

  readonly #flush = (): void => {
    // A connection that has more output meanwhile waits for the next iteration.
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const connection of waiting) connection.flush();
  };

  /** Adds a connection. A caller adds it once until it is flushed. */
  add(connection: Flushable): void {
    if (this.#waiting.push(connection) === 1) setImmediate(this.#flush);
  }
}
