import { onAbort } from '../../client/own-programs.js';
import type { DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';

/** How far the events of an engine have arrived. */
export class ReceivedEvents {
  #newest = 0n;
  readonly #waiting = new Set<() => void>();

  /** Time of the newest event that has arrived, ns since 1970; 0 before the first one. */
  get newest(): bigint {
    return this.#newest;
  }

  /** Called with each event that has arrived. */
  onEvent: (event: DockerEvent) => void = () => {};

  note(event: DockerEvent): void {
    if (event.timeNano > this.#newest) this.#newest = event.timeNano;
    this.onEvent(event);
    for (const check of this.#waiting) check();
  }

  /** Resolves when an event of this time or a later one has arrived; rejects with the signal. */
  async whenArrived(time: bigint, signal: AbortSignal): Promise<void> {
    if (this.#newest >= time) return;
    await new Promise<void>((resolve, reject) => {
      const check = () => {
        if (this.#newest < time) return;
        stopListening();
        this.#waiting.delete(check);
        resolve();
      };
      const stopListening = onAbort(signal, () => {
        this.#waiting.delete(check);
        reject(new Error('an event that the engine remembers has not arrived'));
      });
      this.#waiting.add(check);
    });
  }
}
