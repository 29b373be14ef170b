import type { Position } from '../events/cursor.js';
import type { EventView } from '../events/event-view.js';
import type { Entry, EventStore, Scope } from '../history/store.js';

/** Size of one read of the store: long enough to be cheap, short enough that others run in between. */
export const READ_LIMIT = { entries: 512, bytes: 1024 * 1024 };

/** A generation of blocks ends when it has this many or is this old; two generations are kept. */
const GENERATION_BLOCKS = 4;
const GENERATION_MS = 50;

/** Selections of one block that are kept to be shared. */
const MAX_SELECTIONS = 4;

/** The entries that one read of the store found. */
export class Block {
  readonly #selections: (readonly unknown[])[];

  constructor(
    readonly views: readonly EventView[],
    /** The newest entry that was known before the read. */
    readonly newest: Position,
  ) {
    this.#selections = [views];
  }

  /** Returns an array with the same views that another reader of this block got, if there is one, so that both can share more. */
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

/**
 * The reads of the store by subscriptions that have fallen behind. Those that want the same entries at about the same time share
 * one read, its views, and so whatever is encoded of them. A reader that is alone shares nothing, and nothing is kept for it.
 */
export class SharedReads {
  #readers = 0;
  #recent = new Map<string, Promise<Block>>();
  #older = new Map<string, Promise<Block>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: EventStore,
    private readonly view: (entry: Entry) => EventView,
    private readonly newest: () => Position,
  ) {}

  /** Counts a reader until `leave`. */
  enter(): void {
    this.#readers += 1;
  }

  leave(): void {
    this.#readers -= 1;
  }

  /**
   * See `EventStore.read`.
   *
   * @param atMost entries, READ_LIMIT.entries or fewer; only full reads are shared
   */
  async read(after: number, scope: Scope | undefined, atMost: number): Promise<Block> {
    if (this.#readers < 2 || atMost < READ_LIMIT.entries) {
      const { block } = await this.#read(after, scope, atMost);
      return block;
    }
    const key = keyOf(after, scope);
    const known = this.#recent.get(key) ?? this.#older.get(key);
    if (known !== undefined) return known;
    const block = this.#readToShare(key, after, scope);
    if (this.#recent.size >= GENERATION_BLOCKS) this.#turnOver();
    this.#recent.set(key, block);
    this.#timer ??= setTimeout(this.#onTimer, GENERATION_MS).unref();
    return block;
  }

  async #readToShare(key: string, after: number, scope: Scope | undefined): Promise<Block> {
    try {
      const { block, isFull } = await this.#read(after, scope, READ_LIMIT.entries);
      // It ends where the history does, and more may be appended.
      if (!isFull) this.#forget(key);
      return block;
    } catch (error) {
      this.#forget(key);
      throw error;
    }
  }

  async #read(
    after: number,
    scope: Scope | undefined,
    atMost: number,
  ): Promise<{ readonly block: Block; readonly isFull: boolean }> {
    const newest = this.newest();
    const entries = await this.store.read(after, { ...READ_LIMIT, entries: atMost }, scope);
    return { block: new Block(entries.map(this.view), newest), isFull: isFull(entries) };
  }

  #forget(key: string): void {
    this.#recent.delete(key);
    this.#older.delete(key);
  }

  #turnOver(): void {
    this.#older = this.#recent;
    this.#recent = new Map();
  }

  readonly #onTimer = (): void => {
    this.#turnOver();
    this.#timer =
      this.#older.size > 0 ? setTimeout(this.#onTimer, GENERATION_MS).unref() : undefined;
  };
}

function keyOf(after: number, scope: Scope | undefined): string {
  if (scope === undefined) return String(after);
  const { key, lifecycleOnly } = scope;
  return [after, lifecycleOnly, key.namespace ?? '', key.container].join('\0');
}

function isFull(entries: readonly Entry[]): boolean {
  if (entries.length >= READ_LIMIT.entries) return true;
  let bytes = 0;
  for (const { envelope } of entries) bytes += envelope.length;
  return bytes >= READ_LIMIT.bytes;
}
