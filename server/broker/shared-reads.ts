import type { Position } from '../events/cursor.js';
import type { EventView } from '../events/event-view.js';
import type { Entry, EventStore, ReadLimit, ReadResult } from '../history/store.js';
import type { ReaderMemory } from './reader-memory.js';
import type { SliceSchedule } from './slice-schedule.js';

/**
 * Limit of one read of the store: large enough to be efficient, small enough not to block the event
 * loop for long.
 */
export const READ_LIMIT = { entries: 512, bytes: 1024 * 1024 };
/** Limit in bytes while readers that take nothing hold much. */
const SMALL_READ_BYTES = 64 * 1024;

/** Limits of a generation of shared reads. The current and the previous generation are kept. */
const GENERATION_READS = 4;
const GENERATION_MS = 50;
/** A generation lasts longer while so many rounds of readers need more time. */
const GENERATION_ROUNDS = 3;

/** Selections of one block that are remembered. */
const MAX_SELECTIONS = 4;

/** The entries that one read of the store found. */
export class ReadBlock {
  /** Total size of its entries. */
  readonly bytes: number;
  readonly #selections: (readonly unknown[])[];

  constructor(
    readonly views: readonly EventView[],
    /** The newest entry that was known before the read. */
    readonly newest: Position,
  ) {
    this.#selections = [views];
    this.bytes = views.reduce((sum, { wireBytes }) => sum + wireBytes, 0);
  }

  /**
   * Returns an array of the same views that another reader of this block has received, if there is
   * one, so that whatever is made of the array can be shared, too.
   */
  share<View>(selection: readonly View[]): readonly View[] {
    for (const known of this.#selections) {
      if (isSame(known, selection)) return known as readonly View[];
    }
    if (this.#selections.length < MAX_SELECTIONS) this.#selections.push(selection);
    return selection;
  }
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((view, i) => view === other[i]);
}

/** Why a read has found no entries where some were: they were trimmed, or are damaged. */
export type ReadHole = Exclude<ReadResult, { kind: 'entries' }>;

/** A read that other readers may share. */
interface SharedRead {
  readonly block: Promise<ReadBlock | ReadHole>;
  /** The newest entry that was known before. */
  readonly newest: number;
  state: 'reading' | 'failed' | 'full' | 'at the end of the history';
}

/**
 * The reads of subscriptions that have fallen behind. Those that want the same entries at about the
 * same time share one read, its views, and what is encoded of them. A single reader shares nothing,
 * and nothing is kept for it.
 */
export class SharedReads {
  #readers = 0;
  #recent = new Map<string, SharedRead>();
  #older = new Map<string, SharedRead>();
  /** The first round of the current generation, if readers waited then. */
  #firstRound: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: EventStore,
    private readonly view: (entry: Entry) => EventView,
    private readonly newest: () => Position,
    private readonly schedule: SliceSchedule,
    private readonly memory: ReaderMemory,
  ) {}

  /** Counts a reader until `leave`. */
  enter(): void {
    this.#readers += 1;
  }

  leave(): void {
    this.#readers -= 1;
  }

  /** Limit of a read of so many entries now. */
  limit(entries: number): ReadLimit {
    const bytes = this.memory.isScarce ? SMALL_READ_BYTES : READ_LIMIT.bytes;
    return { entries, bytes };
  }

  /**
   * See `EventStore.read`.
   *
   * @param atMost entries, READ_LIMIT.entries or fewer; only reads of READ_LIMIT are shared
   */
  async read(
    after: number,
    key: string | undefined,
    atMost: number,
  ): Promise<ReadBlock | ReadHole> {
    if (atMost < READ_LIMIT.entries) return (await this.#read(after, key, atMost)).block;
    const name = key === undefined ? String(after) : `${after}\0${key}`;
    const recent = this.#recent.get(name);
    if (recent !== undefined && this.#isUpToDate(recent)) return recent.block;
    const older = this.#older.get(name);
    if (older !== undefined && this.#isUpToDate(older)) return this.#keep(name, older);
    if (this.#readers < 2) return (await this.#read(after, key, atMost)).block;
    return this.#keep(name, this.#readToShare(after, key));
  }

  #keep(name: string, shared: SharedRead): SharedRead['block'] {
    if (this.#recent.size >= GENERATION_READS) this.#turnOver();
    this.#recent.set(name, shared);
    this.#timer ??= setTimeout(this.#onTimer, GENERATION_MS).unref();
    return shared.block;
  }

  /** A block that ended with the history lacks the entries that were appended since. */
  #isUpToDate({ state, newest }: SharedRead): boolean {
    return state === 'full' || (state !== 'failed' && newest === this.newest().offset);
  }

  #readToShare(after: number, key: string | undefined): SharedRead {
    const reading = this.#read(after, key, READ_LIMIT.entries);
    const shared: SharedRead = {
      block: reading.then(
        (read) => {
          if (!(read.block instanceof ReadBlock)) shared.state = 'failed';
          else shared.state = read.isFull ? 'full' : 'at the end of the history';
          return read.block;
        },
        (error: unknown) => {
          shared.state = 'failed';
          throw error;
        },
      ),
      newest: this.newest().offset,
      state: 'reading',
    };
    return shared;
  }

  async #read(
    after: number,
    key: string | undefined,
    atMost: number,
  ): Promise<{ readonly block: ReadBlock | ReadHole; readonly isFull: boolean }> {
    const newest = this.newest();
    const limit = this.limit(atMost);
    const read = await this.store.read(after, limit, key);
    if (read.kind !== 'entries') return { block: read, isFull: false };
    const { entries } = read;
    return { block: new ReadBlock(entries.map(this.view), newest), isFull: isFull(entries, limit) };
  }

  #turnOver(): void {
    this.#older = this.#recent;
    this.#recent = new Map();
    this.#firstRound = this.schedule.round;
  }

  readonly #onTimer = (): void => {
    const { round } = this.schedule;
    const rounds = round === undefined ? Infinity : round - (this.#firstRound ?? -Infinity);
    if (rounds >= GENERATION_ROUNDS) this.#turnOver();
    this.#timer =
      this.#recent.size + this.#older.size > 0
        ? setTimeout(this.#onTimer, GENERATION_MS).unref()
        : undefined;
  };
}

function isFull(entries: readonly Entry[], limit: ReadLimit): boolean {
  if (entries.length >= limit.entries) return true;
  let bytes = 0;
  for (const { envelope } of entries) bytes += envelope.length;
  return bytes >= limit.bytes;
}
