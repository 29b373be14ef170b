import { entrySize } from '../entry-size.js';
import type { Entry, Stop } from '../store.js';
import { TailListeners } from '../tail-listeners.js';
import { readCommits } from './reads.js';
import type { KnownHistory, Session } from './session.js';

/** One look at what others have appended. */
const READ = { entries: 1000, bytes: 2 * 1024 * 1024 };

/**
 * Tells entries to the tail, each once and in order, whoever appended them: our own as we know them from the answer to our
 * append, those of other brokers as they are read.
 */
export class TailDelivery {
  readonly #listeners = new TailListeners();
  #own: Promise<unknown> = Promise.resolve();

  constructor(private readonly session: Session) {}

  listen(onEntries: (entries: readonly Entry[]) => void): Stop {
    return this.#listeners.add(onEntries);
  }

  /** An append of our own is under way: what is read meanwhile waits for it, so that its entries are told together. */
  expect(own: Promise<unknown>): void {
    this.#own = own.catch(() => undefined);
  }

  /** Resolves when no append of our own is under way; what it has stored is told then. */
  async settled(): Promise<void> {
    await this.#own;
  }

  /** Entries in order; those told already are left out, and all if some before them are still to be told. */
  tell(history: KnownHistory, entries: readonly Entry[]): void {
    const { told } = history;
    const news = entries.filter(({ offset }) => offset > told.offset);
    const last = news.at(-1);
    if (this.session.history !== history || last === undefined) return;
    if (news[0]?.offset !== told.offset + 1) return;
    const { offset, fingerprint, storedAt } = last;
    history.told = { offset, fingerprint, storedAt, total: told.total + sizeOf(news) };
    this.#listeners.tell(news);
  }

  /** Tells what is there after the newest entry told, up to the commit that has an offset. */
  async readOn(history: KnownHistory, to = Number.MAX_SAFE_INTEGER): Promise<void> {
    while (history.told.offset < to) {
      const entries = await readCommits(this.session, history, to, READ);
      await this.#own;
      this.tell(history, entries);
      if (entries.length === 0 || this.session.history !== history) return;
    }
  }
}

/** How far the byte budget's sum grows by these entries. */
function sizeOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { envelope }) => sum + entrySize(envelope.length), 0);
}
