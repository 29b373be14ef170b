import { FoghornError } from '../../protocol/errors.js';
import type { AppendOutcome } from '../../protocol/wire/append-response.js';
import { onAbort } from '../on-abort.js';
import type { Receipt } from '../publish/publication.js';
import type { CallLimits } from '../transport/unary-call.js';

/** Milliseconds that a call waits for the broker's answer, although its event is safe in the spool. */
const PATIENCE = 2000;

/** The calls whose events are in the spool, by the events' numbers. */
export class Receipts {
  readonly #waiting = new Map<number, (outcome: AppendOutcome | 'spooled') => void>();

  /** Resolves when the broker has stored the event, or when it is not worth waiting for that. */
  wait(number: number, { signal, timeout = PATIENCE }: CallLimits): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      const spooled = () => {
        settle('spooled');
      };
      const timer = setTimeout(spooled, Math.min(timeout, PATIENCE));
      const settle = (outcome: AppendOutcome | 'spooled') => {
        clearTimeout(timer);
        stopListening();
        this.#waiting.delete(number);
        if (outcome instanceof FoghornError) reject(outcome);
        else if (outcome === 'spooled') resolve({ kind: 'spooled' });
        else resolve(outcome);
      };
      this.#waiting.set(number, settle);
      const stopListening = onAbort(signal, () => {
        setImmediate(spooled);
      });
    });
  }

  settle(number: number, outcome: AppendOutcome): void {
    this.#waiting.get(number)?.(outcome);
  }

  /** Lets the calls go whose events have a number below this. */
  release(below = Infinity): void {
    // They came in the order of their numbers.
    for (const [number, settle] of this.#waiting) {
      if (number >= below) return;
      settle('spooled');
    }
  }
}
