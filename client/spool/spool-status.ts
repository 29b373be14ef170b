import type { FoghornError } from '../../protocol/errors.js';
import type { TellStatus } from '../client-status.js';

/** Tells once that events have to wait in the spool, and once that none does any longer. */
export class SpoolStatus {
  #spooling = false;
  #backlog = false;
  #stored = 0;

  constructor(private readonly tell: TellStatus) {}

  /** Events wait in the spool from earlier. */
  backlog(): void {
    this.#backlog = true;
  }

  /** An event of the spool was stored. */
  stored(): void {
    this.#stored++;
  }

  failed(error: FoghornError, retryInMs: number): void {
    this.tell({ state: 'disconnected', error, retryInMs });
    if (!this.#spooling) this.tell({ state: 'spooling', error });
    this.#spooling = true;
  }

  emptied(): void {
    if (this.#spooling || this.#backlog) this.tell({ state: 'drained', count: this.#stored });
    this.#spooling = false;
    this.#backlog = false;
    this.#stored = 0;
  }
}
