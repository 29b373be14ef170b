import type { FoghornError } from '../../protocol/errors.js';
import type { ReportStatus } from '../client-status.js';

/** Reports once that events wait in the spool, and once that none waits any longer. */
export class SpoolStatus {
  #spooling = false;
  #backlog = false;
  #stored = 0;

  constructor(private readonly report: ReportStatus) {}

  /** Notes that the spool held events when it was opened. */
  backlog(): void {
    this.#backlog = true;
  }

  /** Counts an event of the spool that was stored. */
  stored(): void {
    this.#stored++;
  }

  failed(error: FoghornError, retryInMs: number): void {
    this.report({ state: 'disconnected', error, retryInMs });
    if (!this.#spooling) this.report({ state: 'spooling', error });
    this.#spooling = true;
  }

  emptied(): void {
    if (this.#spooling || this.#backlog) this.report({ state: 'drained', count: this.#stored });
    this.#spooling = false;
    this.#backlog = false;
    this.#stored = 0;
  }
}
