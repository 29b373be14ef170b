/** Milliseconds within which an engine tells what has happened to a container. */
export const REPORT_DELAY_MS = 5000;

/** Whether the engine can still tell of something that has happened more than `TELLING` ago. */
export class EngineStatus {
  #state: 'unknown' | 'gone' | 'following' = 'unknown';
  /** By a clock that never steps, ms. */
  #since = 0;

  /** Nobody listens at its address: it has lost its memory. */
  gone(): void {
    this.#enter('gone');
  }

  /** There is no connection, but there may be an engine. */
  unknown(): void {
    this.#enter('unknown');
  }

  /** Everything that it remembers is recorded, and it tells what happens. */
  following(): void {
    this.#enter('following');
  }

  get hasReportedAll(): boolean {
    if (this.#state === 'following') return performance.now() - this.#since >= REPORT_DELAY_MS;
    return this.#state === 'gone';
  }

  #enter(state: 'unknown' | 'gone' | 'following'): void {
    this.#state = state;
    this.#since = performance.now();
  }
}
