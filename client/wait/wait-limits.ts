import { LONGEST_TIMER_MS } from '../../protocol/clock.js';
import { FoghornError } from '../../protocol/errors.js';
import { onAbort } from '../on-abort.js';
import type { WaitOptions } from './wait-options.js';

/** Ends a wait without an answer: by its timeout, its signal, or the client's close. */
export class WaitLimits {
  readonly #over = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #stopListening: readonly (() => void)[];
  #reason: FoghornError | undefined;

  /** @param tooLate makes the error text for the timeout */
  constructor({ timeout, signal }: WaitOptions, closing: AbortSignal, tooLate: () => string) {
    if (timeout !== undefined) {
      this.#timer = setTimeout(
        () => {
          this.#end(new FoghornError('DEADLINE_EXCEEDED', tooLate()));
        },
        Math.min(timeout, LONGEST_TIMER_MS),
      );
    }
    this.#stopListening = [
      onAbort(signal, () => {
        this.#end(new FoghornError('CANCELLED', 'the wait was given up'));
      }),
      onAbort(closing, () => {
        this.#end(new FoghornError('CANCELLED', 'the client was closed'));
      }),
    ];
  }

  /** Aborts when the wait ends without an answer. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Why the wait ended; undefined while it goes on. */
  get reason(): FoghornError | undefined {
    return this.#reason;
  }

  release(): void {
    clearTimeout(this.#timer);
    for (const stop of this.#stopListening) stop();
  }

  #end(reason: FoghornError): void {
    this.#reason ??= reason;
    this.#over.abort();
  }
}
