import { checkMay, type Caller } from '../access/caller.js';
import type { Position } from '../events/cursor.js';
import type { EventView } from '../events/event-view.js';
import type { Scope } from '../events/filing.js';
import { HistoryReader, type Found, type ReadableHistory } from './history-reader.js';
import type { Start } from './start.js';

/** Limit of a read: what is derived from its entries is to take a few milliseconds at most. */
const READ_ENTRIES = 128;

/**
 * Reads the kept entries of one container after an offset, oldest first, without those of its
 * execs.
 */
export class ContainerReader {
  readonly #reader: HistoryReader;
  #position: Position;
  #isAtEnd = false;

  /** Throws PERMISSION_DENIED. */
  constructor(
    private readonly caller: Caller,
    private readonly history: ReadableHistory,
    key: Scope['key'],
    after: number,
  ) {
    if (key.namespace !== undefined) checkMay(caller, 'read', key.namespace);
    const start = startAfter(after);
    this.#reader = new HistoryReader(history, { key, lifecycleOnly: true }, start);
    this.#position = start.position;
  }

  /**
   * The next entries, or none at the end. Undefined if retention has removed entries before they
   * were read; the caller then starts over.
   *
   * @param atMost how many entries
   */
  async next(atMost = READ_ENTRIES): Promise<readonly EventView[] | undefined> {
    const { readable } = this.caller;
    for (;;) {
      const views = await this.#next(atMost);
      if (views === undefined || views.length === 0 || readable.isEverything) return views;
      const visible = views.filter(({ namespace }) => readable.has(namespace));
      if (visible.length > 0) return visible;
    }
  }

  async #next(atMost: number): Promise<readonly EventView[] | undefined> {
    if (this.#isAtEnd) return [];
    const found = await this.#read(Math.min(atMost, READ_ENTRIES));
    if (found.kind === 'gap') return undefined;
    const { views } = found.block;
    const last = views.at(-1);
    if (last === undefined) this.#isAtEnd = true;
    else if (!found.keptExits) this.#position = { offset: last.offset, cursor: '' };
    // An embedded store answers at once, so a long read would block the event loop.
    if (views.length === READ_ENTRIES) await this.history.schedule.nextSlice();
    return views;
  }

  /** Skips damaged entries, which the store reports. What is known of the container lacks them. */
  async #read(atMost: number): Promise<Found> {
    for (;;) {
      const found = await this.#reader.read(this.#position, atMost);
      if (found.kind !== 'gap' || found.gap.reason !== 'damaged') return found;
      this.#position = found.position;
    }
  }
}

/** Starts with the entries that are kept after an offset at the time of the first read. */
function startAfter(offset: number): Start {
  return {
    position: { offset, cursor: '' },
    gap: undefined,
    // After an offset, kept exits are read only if entries turn out to be trimmed.
    keptExitsAfter: offset === 0 ? 0 : undefined,
    fromPast: true,
    coversKeptExits: true,
  };
}
