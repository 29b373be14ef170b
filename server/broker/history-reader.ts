import type { CursorWriter, Position } from '../events/cursor.js';
import type { EventView } from '../events/event-view.js';
import { scopeKey, type Scope } from '../events/filing.js';
import type { Damage, Entry, EventStore } from '../history/store.js';
import type { LiveMatching } from './gradual-matching.js';
import { gapAfter, gapOfDamage, gapOfDamagedExits, type FoundGap } from './gap.js';
import { positionBeforeFirst } from './position.js';
import type { ReaderMemory } from './reader-memory.js';
import type { SliceSchedule } from './slice-schedule.js';
import { ReadBlock, READ_LIMIT, type SharedReads } from './shared-reads.js';
import type { Start } from './start.js';

/**
 * The result of one read: the next entries, or a gap because retention has overtaken the reader or
 * because entries are damaged.
 */
export type Found =
  | { readonly kind: 'entries'; readonly block: ReadBlock; readonly keptExits: boolean }
  | ({ readonly kind: 'gap' } & FoundGap);

/** One history, as it is read from its store. */
export interface ReadableHistory {
  readonly store: EventStore;
  readonly cursors: CursorWriter;
  readonly reads: SharedReads;
  readonly memory: ReaderMemory;
  readonly schedule: SliceSchedule;
  readonly liveMatching: LiveMatching;
  readonly reportGap: (gap: FoundGap['gap']) => void;
  readonly view: (entry: Entry) => EventView;
}

/**
 * Reads the store for one subscription: kept exits first if it wants them, then entries on from its
 * position.
 */
export class HistoryReader {
  #keptExitsAfter: number | undefined;
  /** Kept exits up to here were read. */
  #exitsRead = 0;
  /**
   * The reader asked for all kept entries and has received none yet, so entries that are trimmed
   * until then are no loss.
   */
  #mayBeginLater: boolean;
  readonly #key: string | undefined;

  constructor(
    private readonly history: ReadableHistory,
    scope: Scope | undefined,
    private readonly start: Start,
  ) {
    this.#key = scope && scopeKey(scope);
    this.#keptExitsAfter = start.keptExitsAfter;
    this.#mayBeginLater = start.fromPast;
  }

  /**
   * Whether kept exits may be left to read; until then the reader's position is before the first
   * entry.
   */
  get inKeptExits(): boolean {
    return this.#keptExitsAfter !== undefined;
  }

  /** Makes the next read continue after this kept exit. */
  returnToKeptExit(offset: number): void {
    this.#keptExitsAfter = offset;
  }

  /** Like `read`, in a slice of its own, which goes on when this resolves. */
  async readInSlice(after: Position, atMost?: number): Promise<Found> {
    const { schedule } = this.history;
    await schedule.nextSlice();
    const { slice } = schedule;
    const found = await this.read(after, atMost);
    // A read that had to wait for the store ends in a slice of another reader.
    if (schedule.slice !== slice) await schedule.nextSlice();
    return found;
  }

  /** Entries after the position; none at the end of what is stored. */
  async read(after: Position, atMost = READ_LIMIT.entries): Promise<Found> {
    const { store, cursors, reads } = this.history;
    for (;;) {
      const exits = await this.#readKeptExits(atMost);
      if (exits instanceof ReadBlock) return { kind: 'entries', block: exits, keptExits: true };
      if (exits !== undefined) return this.#met(gapOfDamagedExits(after, exits));
      const read = await reads.read(after.offset, this.#key, atMost);
      if (read instanceof ReadBlock) {
        this.#mayBeginLater = false;
        return { kind: 'entries', block: read, keptExits: false };
      }
      if (read.kind === 'damaged') {
        return this.#met(await gapOfDamage(after, read, store, cursors));
      }
      if (!this.#mayBeginLater) {
        return this.#met(await gapAfter(after, 'trimmed', store, cursors));
      }
      // The exits among the trimmed entries are kept exits now.
      if (this.start.coversKeptExits) {
        this.#keptExitsAfter = Math.max(after.offset, this.#exitsRead);
      }
      after = await positionBeforeFirst(store, cursors);
    }
  }

  #met(found: FoundGap): Found {
    this.history.reportGap(found.gap);
    return { kind: 'gap', ...found };
  }

  /** Undefined once there are no more. */
  async #readKeptExits(atMost: number): Promise<ReadBlock | Damage | undefined> {
    if (this.#keptExitsAfter === undefined) return undefined;
    const { store, reads } = this.history;
    const limit = reads.limit(atMost);
    const read = await store.readLasting(this.#keptExitsAfter, limit, this.#key);
    if (read.kind === 'damaged') {
      this.#keptExitsAfter = this.#exitsRead = read.to;
      return read;
    }
    const exits = read.entries;
    this.#keptExitsAfter = exits.at(-1)?.offset;
    this.#exitsRead = this.#keptExitsAfter ?? this.#exitsRead;
    if (exits.length === 0) return undefined;
    // Kept exits lie before every position.
    return new ReadBlock(exits.map(this.history.view), { offset: 0, cursor: '' });
  }
}
