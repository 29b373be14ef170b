import { onAbort } from '../client/own-programs.js';

/** Silence after which a daemon has sent everything that happened before a stop, milliseconds. */
const QUIET_MS = 150;
/** Longest time that a stop waits for silence, milliseconds. */
const PATIENCE_MS = 800;

/**
 * Ends the reading of events a moment after the recorder is to stop: once those that happened
 * before the stop, which the daemon may still have queued, have arrived.
 */
export class OrderlyStop {
  readonly #end = new AbortController();
  readonly #stopListening: () => void;
  #quiet: NodeJS.Timeout | undefined;
  #patience: NodeJS.Timeout | undefined;
  /** Time of the stop in milliseconds since 1970; Infinity before it. */
  #stoppedAt = Infinity;

  constructor(signal: AbortSignal) {
    this.#stopListening = onAbort(signal, () => {
      this.#stoppedAt = Date.now();
      this.#quiet = setTimeout(this.#finish, QUIET_MS);
      this.#patience = setTimeout(this.#finish, PATIENCE_MS);
    });
  }

  /** Aborts when reading is to end. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Notes an event that has arrived. @param millis its time since 1970 */
  onEvent(millis: number): void {
    if (this.#stoppedAt === Infinity) return;
    if (millis > this.#stoppedAt) this.#finish();
    else this.#quiet?.refresh();
  }

  /** Frees the timers. */
  close(): void {
    this.#stopListening();
    clearTimeout(this.#quiet);
    clearTimeout(this.#patience);
  }

  readonly #finish = (): void => {
    this.#end.abort();
  };
}
