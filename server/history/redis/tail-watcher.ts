import { setTimeout as delay } from 'node:timers/promises';
import type { RedisClient } from './client.js';
import type { Session } from './session.js';
import type { TailDelivery } from './tail-delivery.js';

/** Finite, so that a connection that died without a word is noticed; well below what the client waits for an answer. */
const BLOCK_MS = 2000;
const RETRY_MS = 100;

/**
 * Waits, on a connection of its own, for entries after those that were told. It only wakes: they are read, and it is looked
 * whether the history is still the same, which it also does whenever nothing came for a while.
 */
export class TailWatcher {
  readonly #closed = new AbortController();
  readonly #following: Promise<void>;

  constructor(
    private readonly client: RedisClient,
    private readonly session: Session,
    private readonly telling: TailDelivery,
  ) {
    this.#following = this.#follow();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.client.disconnect();
    await this.#following;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      try {
        if (await this.#isThereMore()) await this.telling.readOn(this.session.history);
      } catch {
        // Without this connection the other one is asked, less often.
        await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
        await this.telling.readOn(this.session.history).catch(() => undefined);
      }
    }
  }

  /** False for what has been told while this waited. */
  async #isThereMore(): Promise<boolean> {
    const { keys, told } = await this.session.current();
    const reply = await this.client.xread(
      'COUNT',
      1,
      'BLOCK',
      BLOCK_MS,
      'STREAMS',
      keys.commits,
      `${told.offset}-0`,
    );
    const id = reply?.[0]?.[1][0]?.[0];
    if (id === undefined) return true;
    // It may be our own, whose answer is about to come.
    await this.telling.settled();
    return Number.parseInt(id) > this.session.history.told.offset;
  }
}
