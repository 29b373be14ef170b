import type { Entry, Retention, StoreSettings } from '../../store.js';
import { ObservedTimes } from '../../observed-times.js';
import { isOver, trimPoint, type TrimView } from '../../trim-point.js';
import type { Head } from './head.js';
import type { EntryTable } from './entry-table.js';
import { keyRow, type KeyRow } from './key-index.js';
import { LastingEntries } from './lasting-entries.js';
import {
  classificationOf,
  decodeEntry,
  entrySizeOf,
  isRow,
  storedAtOf,
  totalsOf,
  type StoredRow,
} from './row.js';
import type { Tables } from './tables.js';

/** Key in the table meta of the observed times. */
const OBSERVED_KEY = 'observed';
/** Most rows that one step removes, so that its commit stays short. */
const TRIM_STEP_ENTRIES = 2000;
/** Most bytes of lasting entries that one step keeps, for the same reason. */
const TRIM_STEP_KEPT_BYTES = 4 * 1024 * 1024;
/** Most rows and bytes examined in one iteration of the event loop: a few milliseconds. */
const SLICE_ENTRIES = 500;
const SLICE_BYTES = 512 * 1024;

/** The changes of one trim step. */
export interface TrimStep {
  readonly entries: readonly RemovedEntry[];
  /** Offset of the first entry that stays. */
  readonly first: number;
  readonly lasting: readonly RemovedEntry[];
  /** Whether the observed times have changed. */
  readonly hasObserved: boolean;
}

interface RemovedEntry {
  readonly offset: number;
  readonly filed: KeyRow | undefined;
  /** The row of a lasting entry, if it is kept or was kept until now. */
  readonly row: Buffer | undefined;
}

/** The properties of the oldest entry that decide whether it stays. */
interface OldestEntry {
  readonly offset: number;
  readonly storedAt: bigint;
  /** `totalBytes` of the entry before it. */
  readonly bytesBefore: number;
}

/**
 * Plans and applies the steps by which the tables are trimmed. The oldest entry is the first to go,
 * so it alone says whether anything exceeds the limits. It is remembered: as long as nothing has to
 * go, no value is read.
 */
export class TrimSteps {
  #oldestEntry: OldestEntry | undefined;
  readonly #lasting: LastingEntries;
  readonly #times: ObservedTimes;

  constructor(
    private readonly entries: EntryTable,
    private readonly tables: Pick<Tables, 'exits' | 'keys' | 'meta'>,
    private readonly settings: Pick<StoreSettings, 'clock' | 'classify'>,
  ) {
    this.#times = new ObservedTimes(tables.meta.get(OBSERVED_KEY));
    this.#lasting = new LastingEntries(tables, this.#times);
  }

  /** Number of lasting entries kept from before the first entry. */
  get lastingEntries(): number {
    return this.#lasting.count;
  }

  /**
   * Plans the next step, over several iterations of the event loop. `check` is called after each
   * iteration and may throw to abandon the plan.
   *
   * @param head the newest entry in the tables, which always stays
   */
  async plan(head: Head, retention: Retention, check: () => void): Promise<TrimStep> {
    await this.#lasting.prepare(check);
    const now = this.settings.clock();
    const newest = { offset: head.last, storedAt: head.storedAt };
    const hasObserved = this.#times.observe(newest, retention, now);
    const point = this.#point(head, retention, now);
    const entries: RemovedEntry[] = [];
    let { first } = this.entries;
    const end = Math.min(point, first + TRIM_STEP_ENTRIES);
    let keptBytes = 0;
    while (first < end && keptBytes < TRIM_STEP_KEPT_BYTES) {
      const slice = this.#slice(first, end);
      entries.push(...slice);
      for (const { row } of slice) keptBytes += row?.length ?? 0;
      first = (slice.at(-1)?.offset ?? end - 1) + 1;
      await new Promise(setImmediate);
      check();
    }
    const excess = this.#lasting.excess(retention, now, TRIM_STEP_ENTRIES - entries.length);
    const lasting = excess.map((row) =>
      removedEntry(row, classificationOf(row.value, this.settings.classify).key, true),
    );
    return { entries, first, lasting, hasObserved };
  }

  /** Whether nothing is over budget. */
  isDone(head: Head, retention: Retention): boolean {
    const now = this.settings.clock();
    if (this.#point(head, retention, now) > this.entries.first) return false;
    return !this.#lasting.exceeds(retention, now);
  }

  /** Applies a step. Must be called in a batch; does not throw. */
  put({ entries, first, lasting, hasObserved }: TrimStep): void {
    if (hasObserved) void this.tables.meta.put(OBSERVED_KEY, this.#times.text);
    this.entries.removeBefore(first);
    for (const leaving of entries) if (leaving.row === undefined) this.#unfile(leaving);
    for (const leaving of lasting) this.#unfile(leaving);
    this.#lasting.put(entries.filter(isKept), lasting.filter(isKept));
  }

  #unfile({ filed }: RemovedEntry): void {
    if (filed !== undefined) void this.tables.keys.remove(filed.key, filed.value);
  }

  /** The first offset that stays. */
  #point(head: Head, retention: Retention, now: bigint): number {
    const { first } = this.entries;
    if (!this.#exceedsLimits(first, head, retention, now)) return first;
    const point = trimPoint(this.#view(first, head, now, storedRow), retention, now);
    // The search reads rows unchecked, because large ones are slow to check. An intact entry that
    // has to go shows that all before it have to, too.
    const newest = this.#intactAt(point - 1);
    const isCertain = newest !== undefined && this.#exceeds(newest, head, retention, now);
    return isCertain ? point : trimPoint(this.#view(first, head, now, intactRow), retention, now);
  }

  /** Whether the oldest entry has to go. Reads it once, and not at all for a limit of entries. */
  #exceedsLimits(first: number, head: Head, retention: Retention, now: bigint): boolean {
    const { age, bytes, entries, holds = [] } = retention;
    if (first >= head.last) return false;
    if (holds.length === 0) {
      if (entries !== undefined && head.last - first >= entries) return true;
      if (age === undefined && bytes === undefined) return false;
    }
    if (this.#oldestEntry?.offset !== first) this.#oldestEntry = this.#intactAt(first);
    // Only the search can decide for a damaged entry.
    return (
      this.#oldestEntry === undefined || this.#exceeds(this.#oldestEntry, head, retention, now)
    );
  }

  #exceeds(
    { offset, storedAt, bytesBefore }: OldestEntry,
    { last, totalBytes }: Head,
    { age, bytes, entries, holds = [] }: Retention,
    now: bigint,
  ): boolean {
    const bytesFrom = totalBytes - bytesBefore;
    if (holds.some((hold) => offset > hold.after && bytesFrom <= hold.bytes)) return false;
    return (
      (entries !== undefined && last - offset >= entries) ||
      (bytes !== undefined && bytesFrom > bytes) ||
      isOver(age, this.#times.timeOf(offset, storedAt, now), now)
    );
  }

  /** Undefined for a damaged entry. */
  #intactAt(offset: number): OldestEntry | undefined {
    const row = this.#row(offset);
    const entry = intactEntry(row);
    if (entry === undefined) return undefined;
    const bytesBefore = totalsOf(offset, row.value).totalBytes - entrySizeOf(row.value);
    return { offset, storedAt: entry.storedAt, bytesBefore };
  }

  /** @param read returns undefined for a row that must not be trusted */
  #view(
    first: number,
    { last, totalBytes }: Head,
    now: bigint,
    read: (row: StoredRow) => StoredRow | undefined,
  ): TrimView {
    return {
      first,
      last,
      storedAt: (offset) => {
        const row = read(this.#row(offset));
        return row && this.#times.timeOf(offset, storedAtOf(offset, row.value), now);
      },
      bytesFrom: (offset) => {
        const row = read(this.#row(offset));
        return row && totalBytes - totalsOf(offset, row.value).totalBytes + entrySizeOf(row.value);
      },
    };
  }

  #row(offset: number): StoredRow {
    return { key: offset, value: this.entries.rowView(offset) ?? Buffer.alloc(0) };
  }

  #slice(start: number, end: number): RemovedEntry[] {
    const slice: RemovedEntry[] = [];
    let bytes = 0;
    for (const row of this.entries.rows(start, Math.min(end, start + SLICE_ENTRIES))) {
      const { key, retention } = classificationOf(row.value, this.settings.classify);
      // A damaged entry is not kept, because it could not be read.
      const isLasting = retention === 'lasting' && intactEntry(row) !== undefined;
      slice.push(removedEntry(row, key, isLasting));
      bytes += row.value.length;
      if (bytes >= SLICE_BYTES) break;
    }
    return slice;
  }
}

function removedEntry(
  { key: offset, value }: StoredRow,
  key: string | undefined,
  isLasting: boolean,
): RemovedEntry {
  return { offset, filed: keyRow(key, offset), row: isLasting ? value : undefined };
}

function isKept(entry: RemovedEntry): entry is RemovedEntry & { readonly row: Buffer } {
  return entry.row !== undefined;
}

/** Returns undefined for a damaged row. */
function intactEntry({ key, value }: StoredRow): Entry | undefined {
  return decodeEntry(key, value);
}

/** The row if it is long enough to have a header, unchecked otherwise. */
function storedRow(row: StoredRow): StoredRow | undefined {
  return isRow(row.value) ? row : undefined;
}

/** The row if it is intact. */
function intactRow(row: StoredRow): StoredRow | undefined {
  return intactEntry(row) && row;
}
