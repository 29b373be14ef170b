import { entrySize } from '../entry-size.js';
import type { Entry, Stop } from '../store.js';
import { TailListeners } from '../tail-listeners.js';
import { readCommits } from './reads.js';
import type { KnownHistory, Session } from './session.js';

/** Limits of one read of entries that other brokers have appended. */
const CATCH_UP_LIMIT = { entries: 1000, bytes: 2 * 1024 * 1024 };

/**
 * Delivers entries to the tail, each once and in order, whichever broker appended them. Our own
 * are known from the answer to our append; those of other brokers are read.
 */
export class TailDelivery {
  readonly #listeners = new TailListeners();
  #ownAppend: Promise<unknown> = Promise.resolve();

  constructor(private readonly session: Session) {}

  listen(onEntries: (entries: readonly Entry[]) => void): Stop {
    return this.#listeners.add(onEntries);
  }

  /** Announces an append of our own. Reads wait for it, so that its entries come in one batch. */
  expect(ownAppend: Promise<unknown>): void {
    this.#ownAppend = ownAppend.catch(() => undefined);
  }

  /** Resolves when no append of our own is under way; its entries have been delivered. */
  async ownAppendDone(): Promise<void> {
    await this.#ownAppend;
  }

  /** Delivers those entries that are next; none if entries before them are still missing. */
  deliver(history: KnownHistory, entries: readonly Entry[]): void {
    const { delivered } = history;
    const news = entries.filter(({ offset }) => offset > delivered.offset);
    const last = news.at(-1);
    if (this.session.history !== history || last === undefined) return;
    if (news[0]?.offset !== delivered.offset + 1) return;
    const { offset, fingerprint, storedAt } = last;
    const total = delivered.total + sizeOf(news);
    history.delivered = { offset, fingerprint, storedAt, total };
    this.#listeners.dispatch(news);
  }

  /** Reads and delivers what follows the newest delivered entry, up to the commit with `to`. */
  async catchUp(history: KnownHistory, to = Number.MAX_SAFE_INTEGER): Promise<void> {
    while (history.delivered.offset < to) {
      const entries = await readCommits(this.session, history, to, CATCH_UP_LIMIT);
      await this.#ownAppend;
      this.deliver(history, entries);
      if (entries.length === 0 || this.session.history !== history) return;
    }
  }
}

function sizeOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { envelope }) => sum + entrySize(envelope.length), 0);
}
