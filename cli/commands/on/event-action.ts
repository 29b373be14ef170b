import type { DescribedEvent } from './described-event.js';

/** Handles an event. Rejects with the reason when it has failed. */
export type EventAction = (event: DescribedEvent) => Promise<void>;

/** A failure after which the event is to be delivered again at a certain time. */
export class RetryLater extends Error {
  /** @param delay milliseconds */
  constructor(
    message: string,
    readonly delay: number,
  ) {
    super(message);
  }
}
