import {
  ENTRY_OVERHEAD,
  type Bounds,
  type NewEntry,
  type ReadLimit,
  type Retention,
} from '../../server/history/driver.js';
import { DEDUPE_WINDOW } from './store-under-test.js';

export interface NaiveEntry {
  readonly offset: number;
  readonly storedAt: bigint;
  readonly entry: NewEntry;
}

/** The model that stores are compared with: plain arrays, searched from end to end. */
export class NaiveHistory {
  /** All entries ever stored. */
  readonly #stored: NaiveEntry[] = [];
  #first = 1;
  #lasting: NaiveEntry[] = [];

  /** Returns the stored entry for each of one call, and whether it was there before. */
  append(entries: readonly NewEntry[], now: bigint): [NaiveEntry, duplicate: boolean][] {
    const ofCall: [NaiveEntry, boolean][] = [];
    for (const entry of entries) {
      const storedAt = max(now, this.#stored.at(-1)?.storedAt ?? 0n);
      const known =
        ofCall.map(([stored]) => stored).find((stored) => isSame(stored, entry)) ??
        this.#stored.find((stored) => isSame(stored, entry) && this.#isRecent(stored, storedAt));
      const stored = known ?? { offset: this.#stored.length + 1, storedAt, entry };
      if (known === undefined) this.#stored.push(stored);
      ofCall.push([stored, known !== undefined]);
    }
    return ofCall;
  }

  #isRecent({ offset, storedAt }: NaiveEntry, now: bigint): boolean {
    const since = this.#stored.length - offset;
    return since <= DEDUPE_WINDOW.entries && now - storedAt <= DEDUPE_WINDOW.age;
  }

  /** The first offset if entries after `after` were trimmed. */
  read(after: number, limit: ReadLimit, key: string | undefined): NaiveEntry[] | number {
    return after + 1 < this.#first ? this.#first : take(this.#entries(), after, limit, key);
  }

  readLasting(after: number, limit: ReadLimit, key: string | undefined): NaiveEntry[] {
    return take(this.#lasting, after, limit, key);
  }

  #entries(): NaiveEntry[] {
    return this.#stored.slice(this.#first - 1);
  }

  bounds(): Bounds {
    const entries = this.#entries();
    return {
      first: this.#first,
      last: this.#stored.length,
      firstStoredAt: entries.at(0)?.storedAt ?? 0n,
      lastStoredAt: entries.at(-1)?.storedAt ?? 0n,
      entryBytes: sizeOf(entries),
      lastingEntries: this.#lasting.length,
    };
  }

  /** Trims completely. Returns the number of entries and lasting entries removed. */
  trim(retention: Retention, now: bigint): number {
    let removed = 0;
    while (isOverBudget(this.#entries(), retention, now)) {
      const [oldest] = this.#entries();
      if (oldest!.entry.retention === 'lasting') this.#lasting.push(oldest!);
      this.#first += 1;
      removed += 1;
    }
    const before = this.#lasting.length;
    const { lastingAge, lastingBytes = Infinity } = retention;
    this.#lasting = this.#lasting.filter((lasting) => !isOlder(lasting, lastingAge, now));
    while (sizeOf(this.#lasting) > lastingBytes) this.#lasting.shift();
    return removed + before - this.#lasting.length;
  }

  keys(prefix: string): Set<string> {
    const all = [...this.#lasting, ...this.#entries()].map(({ entry }) => entry.key);
    const paths = all.flatMap((key) => (key === undefined ? [] : [pathOf(key)]));
    return new Set(paths.filter((path) => path.startsWith(prefix)));
  }
}

function isOverBudget(entries: NaiveEntry[], retention: Retention, now: bigint): boolean {
  if (entries.length <= 1) return false;
  const { entries: most = Infinity, bytes = Infinity, age, holds = [] } = retention;
  const size = sizeOf(entries);
  if (holds.some((hold) => entries[0]!.offset > hold.after && size <= hold.bytes)) return false;
  return entries.length > most || size > bytes || isOlder(entries[0]!, age, now);
}

function isOlder({ storedAt }: NaiveEntry, age: bigint | undefined, now: bigint): boolean {
  return age !== undefined && now - storedAt > age;
}

function sizeOf(entries: readonly NaiveEntry[]): number {
  return entries.reduce((sum, { entry }) => sum + entry.bytes.length + ENTRY_OVERHEAD, 0);
}

function take(
  entries: readonly NaiveEntry[],
  after: number,
  limit: ReadLimit,
  key: string | undefined,
): NaiveEntry[] {
  const taken: NaiveEntry[] = [];
  let bytes = 0;
  for (const stored of entries) {
    if (stored.offset <= after || !isUnder(key, stored.entry.key)) continue;
    taken.push(stored);
    bytes += stored.entry.bytes.length;
    if (taken.length >= limit.entries || bytes >= limit.bytes) break;
  }
  return taken;
}

const MAIN = '\0';

function pathOf(key: string): string {
  return key.endsWith(MAIN) ? key.slice(0, -MAIN.length) : key;
}

/** Whether an entry with this key is read with another one. */
function isUnder(readKey: string | undefined, key: string | undefined): boolean {
  if (readKey === undefined) return true;
  if (key === undefined || (readKey.endsWith(MAIN) && !key.endsWith(MAIN))) return false;
  const [path, read] = [pathOf(key), pathOf(readKey)];
  return read.startsWith('\0') ? path.slice(path.indexOf('\0')) === read : path === read;
}

function isSame({ entry }: NaiveEntry, { dedupeKey }: NewEntry): boolean {
  if (entry.dedupeKey === undefined || dedupeKey === undefined) return false;
  return Buffer.compare(entry.dedupeKey, dedupeKey) === 0;
}

function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
