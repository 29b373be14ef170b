/** Tracks whether the engine can still report an event that happened some time ago. */
export class EngineStatus {
  #state: 'unknown' | 'gone' | 'following' = 'unknown';
  /** Time of the last change, in milliseconds on a monotonic clock. */
  #since = 0;

  constructor(
    /** Milliseconds within which an engine reports an event. */
    private readonly reportDelay: number,
  ) {}

  /** No process listens at the engine's address, so what it remembered is lost. */
  gone(): void {
    this.#enter('gone');
  }

  /** The recorder is not connected, but an engine may be running. */
  unknown(): void {
    this.#enter('unknown');
  }

  /** Everything the engine remembers is recorded, and it reports new events. */
  following(): void {
    this.#enter('following');
  }

  /** Whether every event older than the report delay has been reported, or never will be. */
  get hasReportedAll(): boolean {
    if (this.#state === 'following') return performance.now() - this.#since >= this.reportDelay;
    return this.#state === 'gone';
  }

  #enter(state: 'unknown' | 'gone' | 'following'): void {
    this.#state = state;
    this.#since = performance.now();
  }
}
