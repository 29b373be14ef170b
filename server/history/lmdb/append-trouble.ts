import type { FoghornError } from '../../../protocol/errors.js';
import { ensureSpace } from './guard/lock-file-space.js';

/** Time between two checks whether the disk has space again. */
const CHECK_INTERVAL_MS = 1000;

/** Called when appends begin to fail, with the reason, and with undefined when they work again. */
export type OnTrouble = (trouble: FoghornError | undefined) => void;

/**
 * The state in which nothing can be stored. It ends with the next append that succeeds, or once the
 * disk has space: while a broker is not ready, nobody may append.
 */
export class AppendTrouble {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly directory: string,
    private readonly onTrouble: OnTrouble,
  ) {}

  /** Whether appends fail. A field, because every commit asks for it. */
  isOngoing = false;

  begin(reason: FoghornError): void {
    if (this.isOngoing) return;
    this.isOngoing = true;
    this.#timer = setInterval(() => void this.#check(), CHECK_INTERVAL_MS).unref();
    this.onTrouble(reason);
  }

  end(): void {
    if (!this.isOngoing) return;
    this.stop();
    this.isOngoing = false;
    this.onTrouble(undefined);
  }

  /** Checks no more. */
  stop(): void {
    clearInterval(this.#timer);
  }

  async #check(): Promise<void> {
    try {
      await ensureSpace(this.directory);
    } catch {
      return;
    }
    this.end();
  }
}
