import { FoghornError } from '../../protocol/errors.js';
import type { AppendOutcome } from '../../protocol/wire/append-response.js';
import { onAbort } from '../on-abort.js';
import type { Receipt } from '../publish/publication.js';
import type { CallLimits } from '../transport/unary-call.js';

/** Milliseconds that a call waits for the broker's answer after its event is in the spool. */
const PATIENCE_MS = 2000;

/** Calls whose events are in the spool, by the numbers of the events. */
export class Receipts {
  readonly #waiting = new Map<number, (outcome: AppendOutcome | 'spooled') => void>();

  /** Resolves when the broker has stored the event, or when waiting longer is pointless. */
  wait(number: number, { signal, timeout = PATIENCE_MS }: CallLimits): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      const spooled = () => {
        settle('spooled');
      };
      const timer = setTimeout(spooled, Math.min(timeout, PATIENCE_MS));
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

  /** Resolves the calls whose events have a number below this as spooled. */
  release(below = Infinity): void {
    // The map keeps the order of their numbers.
    for (const [number, settle] of this.#waiting) {
      if (number >= below) return;
      settle('spooled');
    }
  }
}
