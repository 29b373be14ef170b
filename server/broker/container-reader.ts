import type { Position } from '../events/cursor.js';
import type { EventView } from '../events/event-view.js';
import type { ContainerKey } from '../events/filing.js';
import { HistoryReader, type Found, type ReadableHistory } from './history-reader.js';
import { READ_LIMIT } from './shared-reads.js';
import type { Start } from './start.js';

/** Reads the kept entries of one container from an offset on, oldest first; entries about its execs are left out. */
export class ContainerReader {
  readonly #reader: HistoryReader;
  #position: Position;
  #isAtEnd = false;

  constructor(history: ReadableHistory, key: ContainerKey, after: number) {
    const start = startAfter(after);
    this.#reader = new HistoryReader(history, { key, lifecycleOnly: true }, start);
    this.#position = start.position;
  }

  /**
   * The next entries, none at the end; undefined when retention has removed some before they were read, so that the caller has to
   * begin anew.
   *
   * @param atMost how many; fewer than it may be there
   */
  async next(atMost = READ_LIMIT.entries): Promise<readonly EventView[] | undefined> {
    if (this.#isAtEnd) return [];
    const found = await this.#read(Math.min(atMost, READ_LIMIT.entries));
    if (found.kind === 'gap') return undefined;
    const { views } = found.block;
    const last = views.at(-1);
    if (last === undefined) this.#isAtEnd = true;
    else if (!found.keptExits) this.#position = { offset: last.offset, cursor: '' };
    // Reads of an embedded store do not wait, so a long reading would keep everybody else from running.
    if (views.length === READ_LIMIT.entries) await new Promise(setImmediate);
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

/** Begins with whatever is kept after an offset, which may be less by the time that it is read. */
function startAfter(offset: number): Start {
  return {
    position: { offset, cursor: '' },
    gap: undefined,
    // Between two offsets, kept exits are read only once it turns out that entries were trimmed.
    keptExitsAfter: offset === 0 ? 0 : undefined,
    fromPast: true,
    coversKeptExits: true,
  };
}
