import type { Entry, Filing, Retention, StoreSettings } from '../../store.js';
import { isOver, trimPoint } from '../../trim-point.js';
import type { Head } from './head.js';
import type { EntryTable } from './entry-table.js';
import { keyRow, type KeyRow } from './key-index.js';
import { decodeEntry, envelopeOf, entrySizeOf, totalsOf, type StoredRow } from './row.js';
import type { Tables } from './tables.js';

/** Most rows that one step removes, so that its commit stays short. */
export const TRIM_STEP_ENTRIES = 2000;
/** Most bytes of exits that one step keeps, for the same reason. */
const TRIM_STEP_KEPT_BYTES = 4 * 1024 * 1024;
/** Most rows and bytes examined in one iteration of the event loop: a few milliseconds. */
const SLICE_ENTRIES = 500;
const SLICE_BYTES = 512 * 1024;

/** The changes of one trim step. */
export interface TrimStep {
  readonly entries: readonly RemovedEntry[];
  /** Offset of the first entry that stays. */
  readonly first: number;
  readonly exits: readonly RemovedEntry[];
}

interface RemovedEntry {
  readonly offset: number;
  readonly filed: KeyRow | undefined;
  /** The row, if it is kept as an exit. */
  readonly kept: Buffer | undefined;
}

const UNFILED: Filing = { key: undefined, isLifecycle: false, outlasts: false };

/** Plans and applies the steps by which the tables are trimmed. */
export class TrimSteps {
  constructor(
    private readonly entries: EntryTable,
    private readonly tables: Pick<Tables, 'exits' | 'keys'>,
    private readonly settings: Pick<StoreSettings, 'clock' | 'filingOf'>,
  ) {}

  /**
   * Plans the next step, over several iterations of the event loop. `check` is called after each
   * iteration and may throw to abandon the plan.
   *
   * @param head the newest entry in the tables, which always stays
   */
  async plan(head: Head, retention: Retention, check: () => void): Promise<TrimStep> {
    const now = this.settings.clock();
    const point = this.#point(head, retention, now);
    const entries: RemovedEntry[] = [];
    let { first } = this.entries;
    const end = Math.min(point, first + TRIM_STEP_ENTRIES);
    let keptBytes = 0;
    while (first < end && keptBytes < TRIM_STEP_KEPT_BYTES) {
      const slice = this.#slice(first, end);
      entries.push(...slice);
      for (const { kept } of slice) keptBytes += kept?.length ?? 0;
      first = (slice.at(-1)?.offset ?? end - 1) + 1;
      await new Promise(setImmediate);
      check();
    }
    return {
      entries,
      first,
      exits: this.#expiredExits(retention, now, TRIM_STEP_ENTRIES - entries.length),
    };
  }

  /** Whether nothing is over budget. */
  isDone(head: Head, retention: Retention): boolean {
    const now = this.settings.clock();
    if (this.#point(head, retention, now) > this.entries.first) return false;
    return this.#expiredExits(retention, now, 1).length === 0;
  }

  /** Applies a step. Must be called in a batch; does not throw. */
  put({ entries, first, exits }: TrimStep): void {
    this.entries.removeBefore(first);
    for (const leaving of entries) {
      if (leaving.kept === undefined) this.#unfile(leaving);
      else void this.tables.exits.put(leaving.offset, leaving.kept);
    }
    for (const leaving of exits) {
      void this.tables.exits.remove(leaving.offset);
      this.#unfile(leaving);
    }
  }

  #unfile({ filed }: RemovedEntry): void {
    if (filed !== undefined) void this.tables.keys.remove(filed.key, filed.value);
  }

  #point({ last, totalBytes: total }: Head, retention: Retention, now: bigint): number {
    const view = {
      first: this.entries.first,
      last,
      storedAt: (offset: number) => intactEntry(this.#row(offset))?.storedAt,
      bytesFrom: (offset: number) => {
        const row = this.#row(offset);
        if (intactEntry(row) === undefined) return undefined;
        return total - totalsOf(offset, row.value).totalBytes + entrySizeOf(row.value);
      },
    };
    return trimPoint(view, retention, now);
  }

  #row(offset: number): StoredRow {
    return { key: offset, value: this.entries.row(offset) ?? Buffer.alloc(0) };
  }

  #slice(start: number, end: number): RemovedEntry[] {
    const slice: RemovedEntry[] = [];
    let bytes = 0;
    for (const row of this.entries.rows(start, Math.min(end, start + SLICE_ENTRIES))) {
      const filing = this.#filingOf(row);
      // A damaged exit is not kept, because it could not be read.
      const isKept = filing.outlasts && intactEntry(row) !== undefined;
      slice.push(removedEntry(row, filing, isKept));
      bytes += row.value.length;
      if (bytes >= SLICE_BYTES) break;
    }
    return slice;
  }

  #expiredExits({ exitsAge }: Retention, now: bigint, limit: number): RemovedEntry[] {
    const expired: RemovedEntry[] = [];
    if (exitsAge === undefined) return expired;
    for (const row of this.tables.exits.getRange({ limit })) {
      const exit = intactEntry(row);
      if (exit !== undefined && !isOver(exitsAge, exit.storedAt, now)) break;
      expired.push(removedEntry(row, this.#filingOf(row), false));
    }
    return expired;
  }

  /** The filing of an envelope; none for one that is too damaged to decode. */
  #filingOf({ value }: StoredRow): Filing {
    try {
      return this.settings.filingOf(envelopeOf(value));
    } catch {
      return UNFILED;
    }
  }
}

function removedEntry(
  { key: offset, value }: StoredRow,
  filing: Filing,
  isKept: boolean,
): RemovedEntry {
  return { offset, filed: keyRow(filing, offset), kept: isKept ? value : undefined };
}

/** Returns undefined for a damaged row. */
function intactEntry({ key, value }: StoredRow): Entry | undefined {
  try {
    return decodeEntry(key, value);
  } catch {
    return undefined;
  }
}
