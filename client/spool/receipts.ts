import { FoghornError } from '../../protocol/errors.js';
import type { AppendOutcome } from '../../protocol/wire/append-response.js';
import { onAbort } from '../on-abort.js';
import type { Receipt } from '../publish/publication.js';
import type { CallLimits } from '../transport/unary-call.js';

/** Milliseconds without an answer of the broker after which a call no longer waits for its own. */
const PATIENCE_MS = 2000;
/** Longest wait of a call for its answer, while the broker answers others, milliseconds. */
const LONGEST_MS = 10_000;

/** Calls whose events are in the spool, by the numbers of the events. */
export class Receipts {
  readonly #waiting = new Map<number, (outcome: AppendOutcome | 'spooled') => void>();
  /** When the broker last answered, by the monotonic clock. */
  #answeredAt = 0;

  /** Resolves when the broker has stored the event, or when waiting longer is pointless. */
  wait(number: number, { signal, timeout = LONGEST_MS }: CallLimits): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      const begun = performance.now();
      const remaining = (): number => {
        const end = begun + Math.min(timeout, LONGEST_MS);
        return Math.min(end, Math.max(begun, this.#answeredAt) + PATIENCE_MS) - performance.now();
      };
      const check = (): void => {
        const left = remaining();
        if (left <= 0) settle('spooled');
        else timer = setTimeout(checkAfterInput, left);
      };
      // An answer may have arrived while this process was busy.
      const checkAfterInput = (): void => {
        setImmediate(() => {
          if (this.#waiting.get(number) === settle) check();
        });
      };
      let timer: NodeJS.Timeout | undefined;
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
        setImmediate(() => {
          settle('spooled');
        });
      });
      check();
    });
  }

  settle(number: number, outcome: AppendOutcome): void {
    this.#answeredAt = performance.now();
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
