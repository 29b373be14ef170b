import type { Entry, Filing, Retention, StoreSettings } from '../../store.js';
import { isOver, trimPoint } from '../../trim-point.js';
import type { Head } from '../batch.js';
import type { EntryTable } from './entry-table.js';
import { keyRow, type KeyRow } from './key-index.js';
import { decodeEntry, envelopeOf, sizeOf, sumsOf, type StoredEntry } from './row.js';
import type { Tables } from './tables.js';

/** How many rows a step takes at most, so that its commit is as short as an ordinary one. */
export const STEP = 2000;
/** How many bytes of exits a step keeps at most, for the same reason. */
const STEP_BYTES = 4 * 1024 * 1024;
/** What is looked at in one turn of the event loop, rows and bytes: a few milliseconds. A broker under load has few turns. */
const SLICE = 500;
const SLICE_BYTES = 512 * 1024;

/** What a step takes away. */
export interface TrimStep {
  readonly entries: readonly Leaving[];
  /** The offset of the first entry that stays. */
  readonly first: number;
  readonly exits: readonly Leaving[];
}

interface Leaving {
  readonly offset: number;
  readonly filed: KeyRow | undefined;
  /** The row, if it is kept on as an exit. */
  readonly kept: Buffer | undefined;
}

const UNFILED: Filing = { key: undefined, isLifecycle: false, outlasts: false };

/** The steps by which the tables are trimmed. */
export class TrimSteps {
  constructor(
    private readonly entries: EntryTable,
    private readonly tables: Pick<Tables, 'exits' | 'keys'>,
    private readonly settings: Pick<StoreSettings, 'clock' | 'filingOf'>,
  ) {}

  /**
   * Decides what goes next, in several turns of the event loop. Before each `check` is called, which may throw.
   *
   * @param head the newest entry in the tables, which stays in any case
   */
  async plan(head: Head, retention: Retention, check: () => void): Promise<TrimStep> {
    const now = this.settings.clock();
    const point = this.#point(head, retention, now);
    const entries: Leaving[] = [];
    let { first } = this.entries;
    const end = Math.min(point, first + STEP);
    let keptBytes = 0;
    while (first < end && keptBytes < STEP_BYTES) {
      const slice = this.#slice(first, end);
      entries.push(...slice);
      for (const { kept } of slice) keptBytes += kept?.length ?? 0;
      first = (slice.at(-1)?.offset ?? end - 1) + 1;
      await new Promise(setImmediate);
      check();
    }
    return { entries, first, exits: this.#expiredExits(retention, now, STEP - entries.length) };
  }

  /** Whether nothing is over budget. */
  isDone(head: Head, retention: Retention): boolean {
    const now = this.settings.clock();
    if (this.#point(head, retention, now) > this.entries.first) return false;
    return this.#expiredExits(retention, now, 1).length === 0;
  }

  /** To be called in a batch; does not throw. */
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

  #unfile({ filed }: Leaving): void {
    if (filed !== undefined) void this.tables.keys.remove(filed.key, filed.value);
  }

  #point({ last, total }: Head, retention: Retention, now: bigint): number {
    const view = {
      first: this.entries.first,
      last,
      storedAt: (offset: number) => wholeEntry(this.#row(offset))?.storedAt,
      bytesFrom: (offset: number) => {
        const row = this.#row(offset);
        if (wholeEntry(row) === undefined) return undefined;
        return total - sumsOf(offset, row.value).total + sizeOf(row.value);
      },
    };
    return trimPoint(view, retention, now);
  }

  #row(offset: number): StoredEntry {
    return { key: offset, value: this.entries.row(offset) ?? Buffer.alloc(0) };
  }

  #slice(start: number, end: number): Leaving[] {
    const slice: Leaving[] = [];
    let bytes = 0;
    for (const row of this.entries.rows(start, Math.min(end, start + SLICE))) {
      const filing = this.#filingOf(row);
      // What is damaged is no longer an exit that could be answered with.
      const isKept = filing.outlasts && wholeEntry(row) !== undefined;
      slice.push(leave(row, filing, isKept));
      bytes += row.value.length;
      if (bytes >= SLICE_BYTES) break;
    }
    return slice;
  }

  #expiredExits({ exitsAge }: Retention, now: bigint, limit: number): Leaving[] {
    const expired: Leaving[] = [];
    if (exitsAge === undefined) return expired;
    for (const row of this.tables.exits.getRange({ limit })) {
      const exit = wholeEntry(row);
      if (exit !== undefined && !isOver(exitsAge, exit.storedAt, now)) break;
      expired.push(leave(row, this.#filingOf(row), false));
    }
    return expired;
  }

  /** Of a damaged envelope, whatever can still be told. */
  #filingOf({ value }: StoredEntry): Filing {
    try {
      return this.settings.filingOf(envelopeOf(value));
    } catch {
      return UNFILED;
    }
  }
}

function leave({ key: offset, value }: StoredEntry, filing: Filing, isKept: boolean): Leaving {
  return { offset, filed: keyRow(filing, offset), kept: isKept ? value : undefined };
}

/** Undefined for a row that is not what was stored. */
function wholeEntry({ key, value }: StoredEntry): Entry | undefined {
  try {
    return decodeEntry(key, value);
  } catch {
    return undefined;
  }
}
