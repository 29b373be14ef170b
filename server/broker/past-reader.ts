import type { CursorWriter, Position } from '../events/cursor.js';
import type { Entry, EventStore, Scope } from '../history/store.js';
import { gapAfter, type FoundGap } from './gap.js';
import { isTrimmed, positionBeforeFirst } from './position.js';
import type { Start } from './start.js';

/** One read of the store: long enough to be cheap, short enough that others get their turn. */
export const READ = { entries: 512, bytes: 1024 * 1024 };

/** What one read found: the next entries, or that retention has overtaken the reader. */
export type Found =
  | { readonly kind: 'entries'; readonly entries: readonly Entry[]; readonly keptExits: boolean }
  | ({ readonly kind: 'gap' } & FoundGap);

/** Reads the store for one subscription that is behind: kept exits first if it wants them, then on from its position. */
export class PastReader {
  #keptExitsAfter: number | undefined;
  /** Kept exits up to here were read. */
  #exitsRead = 0;
  /** It asked for what is kept, and has got nothing yet: what is trimmed until then is no loss. */
  #mayBeginLater: boolean;

  constructor(
    private readonly store: EventStore,
    private readonly cursors: CursorWriter,
    private readonly scope: Scope | undefined,
    private readonly start: Start,
  ) {
    this.#keptExitsAfter = start.keptExitsAfter;
    this.#mayBeginLater = start.fromPast;
  }

  /** Whether kept exits may be left to read; until then the reader's position is still before the first entry. */
  get inKeptExits(): boolean {
    return this.#keptExitsAfter !== undefined;
  }

  /** Entries after the position; none when it has come to the end of what is stored. */
  async read(after: Position, atMost = READ.entries): Promise<Found> {
    const limit = { ...READ, entries: atMost };
    for (;;) {
      if (this.#keptExitsAfter !== undefined) {
        const exits = await this.store.readKeptExits(this.#keptExitsAfter, limit, this.scope);
        this.#keptExitsAfter = exits.at(-1)?.offset;
        this.#exitsRead = this.#keptExitsAfter ?? this.#exitsRead;
        if (exits.length > 0) return { kind: 'entries', entries: exits, keptExits: true };
      }
      try {
        const entries = await this.store.read(after.offset, limit, this.scope);
        this.#mayBeginLater = false;
        return { kind: 'entries', entries, keptExits: false };
      } catch (error) {
        if (!isTrimmed(error)) throw error;
      }
      if (!this.#mayBeginLater) {
        return { kind: 'gap', ...(await gapAfter(after, 'trimmed', this.store, this.cursors)) };
      }
      // The exits among what was trimmed are kept exits now.
      if (this.start.coversKeptExits) {
        this.#keptExitsAfter = Math.max(after.offset, this.#exitsRead);
      }
      after = await positionBeforeFirst(this.store, this.cursors);
    }
  }
}
