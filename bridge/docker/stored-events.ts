import type { DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import { readEntries } from './read-history.js';
import type { HistoryParts } from './read-history.js';
import { dockerEventIn, identityOf } from './envelopes.js';

/** What an engine tells again after a connection was lost meets what the broker has already: nothing is to be stored twice. */
export class StoredEvents {
  #stored: ReadonlySet<string> = new Set();
  #from: bigint | undefined;

  constructor(private readonly history: HistoryParts) {}

  /** Whether it is opened for events from this moment on, ns since 1970. */
  covers(time: bigint): boolean {
    return this.#from !== undefined && this.#from <= time;
  }

  /** Gives what reads what the broker has from a moment on, to be done when everything in hand is stored. */
  loadFrom(since: bigint): (signal: AbortSignal) => Promise<void> {
    this.#from = since;
    return async (signal) => {
      this.#stored = await this.#read(since, signal);
    };
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
