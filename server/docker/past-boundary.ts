import type { DockerSource } from './docker-source.js';

/**
 * How far the past of a request reaches in the history: recorders store events a moment after these
 * happen, so entries that come later may still report what happened before the request.
 */
export class PastBoundary {
  #offset = Infinity;

  /** Asks the recorders. Until they answer, every entry may report the past. */
  constructor({
    recorders,
    broker,
    namespace,
  }: Pick<DockerSource, 'recorders' | 'broker' | 'namespace'>) {
    const ask = async (): Promise<void> => {
      const currency = await recorders.bringUpToDate({ namespace });
      if (currency === 'unrecorded') this.#offset = 0;
      else if (currency === 'current') this.#offset = await broker.newest();
    };
    // Without an answer, every entry may go on reporting the past.
    ask().catch(() => undefined);
  }

  /** Entries up to this offset may report the past. */
  get offset(): number {
    return this.#offset;
  }
}
