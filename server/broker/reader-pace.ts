import type { Caller } from '../access/caller.js';
import type { SubscriptionMessage } from './subscription-message.js';
import type { DeliveredView } from './view-type.js';

/** Longest pause, in milliseconds, so that changed limits are soon in force. */
const MAX_PAUSE_MS = 1000;

/** Keeps a reader within its caller's quota: it waits, and loses nothing. */
export class ReaderPace {
  #isPaused = false;

  constructor(private readonly caller: Pick<Caller, 'quota'>) {}

  /** Whether the reader has to wait now. It is woken when it may try again. */
  mustWait(reader: { wake(): void }): boolean {
    const waitMs = this.caller.quota?.waitOutMs ?? 0;
    if (waitMs === 0) return false;
    if (this.#isPaused) return true;
    this.#isPaused = true;
    setTimeout(
      () => {
        this.#isPaused = false;
        reader.wake();
      },
      Math.min(waitMs, MAX_PAUSE_MS),
    ).unref();
    return true;
  }

  /** Counts a message that the reader takes. */
  count(message: SubscriptionMessage<DeliveredView> | undefined): void {
    const { quota } = this.caller;
    if (quota !== undefined && message?.kind === 'entries') quota.countOut(message.entries);
  }
}
