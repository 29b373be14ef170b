import { FoghornError } from '../../protos/errors.js';
import { LONGEST_TIMER_MS } from '../../protos/clock.js';
import type { EncodedEvent } from '../append/encoded-event.js';
import type { Outcome, Stored } from '../append/outcome.js';
import { onAbort } from '../on-abort.js';
import { DEFAULT_TIMEOUT } from '../unary-call.js';
import type { CallLimits } from '../unary-call.js';

/** One event that is to be stored, and the call that waits for it. */
export class PendingAppend {
  /** The call's answer. */
  readonly stored: Promise<Stored>;
  /** Whether it went out to the broker, so that it may be stored without us knowing. */
  sent = false;
  #settle: ((outcome: Outcome) => void) | undefined;

  /** @param tooLate makes the error for when the time is over */
  constructor(
    readonly event: EncodedEvent,
    { signal, timeout = DEFAULT_TIMEOUT }: CallLimits,
    tooLate: (timeout: number, fate: string) => FoghornError,
  ) {
    this.stored = new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => {
          this.settle(tooLate(timeout, this.#fate));
        },
        Math.min(timeout, LONGEST_TIMER_MS),
      );
      const stopListening = onAbort(signal, () => {
        this.giveUp('the call was given up');
      });
      this.#settle = (outcome) => {
        clearTimeout(timer);
        stopListening();
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
    });
  }

  get settled(): boolean {
    return this.#settle === undefined;
  }

  /** The first outcome counts. */
  settle(outcome: Outcome): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(outcome);
  }

  /** Rejects the call with CANCELLED. */
  giveUp(why: string): void {
    this.settle(new FoghornError('CANCELLED', `${why}: ${this.#fate}`));
  }

  get #fate(): string {
    return this.sent ? 'whether the event was stored is not known' : 'the event was not sent';
  }
}
