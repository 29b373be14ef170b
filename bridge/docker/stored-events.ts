import type { DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import { readEntries } from '../read-history.js';
import type { HistoryParts } from '../read-history.js';
import { dockerEventIn, identityOf } from './envelopes.js';

/**
 * Events that the broker has already. After a lost connection the engine reports some events again,
 * and none of them may be stored twice.
 */
export class StoredEvents {
  #stored: ReadonlySet<string> = new Set();
  #from: bigint | undefined;

  constructor(private readonly history: HistoryParts) {}

  /** Whether the events from this time on are loaded or being loaded; nanoseconds since 1970. */
  covers(time: bigint): boolean {
    return this.#from !== undefined && this.#from <= time;
  }

  /**
   * Returns a function that loads the events from a time on; to be run when the queue is stored.
   */
  loadFrom(since: bigint): (signal: AbortSignal) => Promise<void> {
    this.#from = since;
    return async (signal) => {
      this.#stored = await this.#read(since, signal);
    };
  }

  /** Frees the memory: no further event will be asked for. */
  forget(): void {
    this.#stored = new Set();
  }

  has(event: DockerEvent): boolean {
    return this.#stored.has(identityOf(event));
  }

  async #read(since: bigint, signal: AbortSignal): Promise<Set<string>> {
    const { namespace } = this.history;
    const filters = [`namespace==${JSON.stringify(namespace)},topic~=|^/docker/|`];
    const stored = new Set<string>();
    const options = { filters, start: { since }, stopWhenCaughtUp: true } as const;
    for await (const entry of readEntries(this.history, options, signal)) {
      const event = dockerEventIn(entry);
      if (event !== undefined) stored.add(identityOf(event));
    }
    return stored;
  }
}
