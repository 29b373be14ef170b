import { FoghornError } from '../../protocol/errors.js';
import type { AppendOutcome, Stored } from '../../protocol/wire/append-response.js';
import { onAbort } from '../on-abort.js';

/** A call that waits until its event is stored. */
export class PendingAppend {
  /** The call's answer. */
  readonly stored: Promise<Stored>;
  /** Whether it was sent to the broker, so that its event may be stored although no answer came. */
  sent = false;
  /** Start and end of the encoded event in its batch. */
  begin = 0;
  end = 0;
  #settled = false;
  #resolve!: (stored: Stored) => void;
  #reject!: (error: FoghornError) => void;
  #stopListening: (() => void) | undefined;

  /**
   * @param timeout ms, as given by the caller
   * @param deadline by `performance.now()`
   */
  constructor(
    readonly timeout: number,
    readonly deadline: number,
  ) {
    this.stored = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** Describes what happened to the event, for errors without an answer. */
  get fate(): string {
    return this.sent ? 'whether the event was stored is not known' : 'the event was not sent';
  }

  /** Cancels the call when this signal aborts. */
  heed(signal: AbortSignal): void {
    this.#stopListening = onAbort(signal, () => {
      this.giveUp('the call was given up');
    });
  }

  /** Ends the call with this outcome. Later outcomes are ignored. */
  settle(outcome: AppendOutcome): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#stopListening?.();
    if (outcome instanceof Error) this.#reject(outcome);
    else this.#resolve(outcome);
  }

  /** Rejects the call with CANCELLED. */
  giveUp(why: string): void {
    this.settle(new FoghornError('CANCELLED', `${why}: ${this.fate}`));
  }
}
