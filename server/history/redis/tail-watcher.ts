import { setTimeout as delay } from 'node:timers/promises';
import type { RedisClient } from './client.js';
import type { Session } from './session.js';
import type { TailDelivery } from './tail-delivery.js';

/** Finite, to notice a dead connection, and well below the client's timeout for an answer. */
const BLOCK_MS = 2000;
const RETRY_MS = 100;

/**
 * Waits, on a connection of its own, for entries after the newest delivered one. It only wakes the
 * delivery, which reads them. Waking also happens when nothing came for a while, because a read
 * checks that the history is still the same.
 */
export class TailWatcher {
  readonly #closed = new AbortController();
  readonly #watching: Promise<void>;

  constructor(
    private readonly client: RedisClient,
    private readonly session: Session,
    private readonly delivery: TailDelivery,
  ) {
    this.#watching = this.#watch();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.client.disconnect();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      try {
        if (await this.#mayHaveMore()) await this.delivery.catchUp(this.session.history);
      } catch {
        // Without this connection, poll over the other one.
        await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
        await this.delivery.catchUp(this.session.history).catch(() => undefined);
      }
    }
  }

  /** Waits for a commit. Returns false if it was delivered meanwhile. */
  async #mayHaveMore(): Promise<boolean> {
    const { keys, delivered } = await this.session.current();
    const reply = await this.client.xread(
      'COUNT',
      1,
      'BLOCK',
      BLOCK_MS,
      'STREAMS',
      keys.commits,
      `${delivered.offset}-0`,
    );
    const id = reply?.[0]?.[1][0]?.[0];
    if (id === undefined) return true;
    // It may be our own, whose answer is about to arrive.
    await this.delivery.ownAppendDone();
    return Number.parseInt(id) > this.session.history.delivered.offset;
  }
}
