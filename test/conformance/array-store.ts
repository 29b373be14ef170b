import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
  checkEntries,
  entrySize,
  entryTime,
  FoghornError,
  isMainKey,
  parseReadKey,
  pathOf,
  splitPath,
  type Appended,
  type Bounds,
  type Entry,
  type EntryPosition,
  type EventStore,
  type LastingReadResult,
  type NewEntry,
  type ReadLimit,
  type ReadResult,
  type Retention,
  type Stop,
  type StoreSettings,
  type Trimmed,
} from '../../server/history/driver.js';

interface ArrayEntry extends Entry {
  readonly added: NewEntry;
}

const TRIM_STEP_ENTRIES = 1000;

/** A driver as a third party would write it: of arrays, and with the public entry point only. */
export class ArrayStore implements EventStore {
  readonly epoch = randomBytes(8).toString('hex');
  readonly durability = 'memory';
  readonly #all: ArrayEntry[] = [];
  #first = 1;
  readonly #lasting: ArrayEntry[] = [];
  readonly #listeners: { readonly call: (entries: readonly Entry[]) => void }[] = [];
  #isClosed = false;

  constructor(private readonly settings: StoreSettings) {}

  async append(entries: readonly NewEntry[]): Promise<Appended[]> {
    await this.#checkOpen();
    checkEntries(entries);
    const ofCall: ArrayEntry[] = [];
    const before = this.#all.length;
    const appended = entries.map((added) => {
      const original = this.#originalOf(added, ofCall);
      const stored = original ?? this.#store(added);
      ofCall.push(stored);
      const { offset, fingerprint } = stored;
      return { offset, fingerprint, duplicate: original !== undefined };
    });
    const news = this.#all.slice(before).map(plainEntry);
    if (news.length > 0) for (const listener of [...this.#listeners]) notify(listener, news);
    return appended;
  }

  #originalOf({ dedupeKey }: NewEntry, ofCall: readonly ArrayEntry[]): ArrayEntry | undefined {
    if (dedupeKey === undefined) return undefined;
    const isSame = ({ added }: ArrayEntry): boolean =>
      added.dedupeKey !== undefined && Buffer.compare(added.dedupeKey, dedupeKey) === 0;
    const { entries, age } = this.settings.dedupeWindow;
    const now = this.#now();
    return (
      ofCall.find(isSame) ??
      this.#all.slice(-entries - 1).findLast((one) => isSame(one) && now - one.storedAt <= age)
    );
  }

  #store(added: NewEntry): ArrayEntry {
    const envelope = Buffer.from(added.bytes);
    const offset = this.#all.length + 1;
    const entry = { offset, storedAt: this.#now(), fingerprint: crc32(envelope), envelope, added };
    this.#all.push(entry);
    return entry;
  }

  #now(): bigint {
    const now = this.settings.clock();
    const last = this.#all.at(-1)?.storedAt ?? now;
    return now > last ? now : last;
  }

  async read(after: number, limit: ReadLimit, key?: string): Promise<ReadResult> {
    await this.#checkOpen();
    if (after < this.#first - 1) return { kind: 'trimmed', first: this.#first };
    return { kind: 'entries', entries: select(this.#kept, after, limit, key) };
  }

  async readLasting(after: number, limit: ReadLimit, key?: string): Promise<LastingReadResult> {
    await this.#checkOpen();
    return { kind: 'entries', entries: select(this.#lasting, after, limit, key) };
  }

  async *keys(prefix: string): AsyncIterable<string> {
    await this.#checkOpen();
    const keys = [...this.#lasting, ...this.#kept].map(({ added }) => added.key);
    const paths = keys.flatMap((key) => (key === undefined ? [] : [pathOf(key)]));
    yield* new Set(paths.filter((path) => path.startsWith(prefix)));
  }

  tail(onEntries: (entries: readonly Entry[]) => void): Stop {
    const listener = { call: onEntries };
    this.#listeners.push(listener);
    return () => {
      const index = this.#listeners.indexOf(listener);
      if (index !== -1) this.#listeners.splice(index, 1);
    };
  }

  async sync(): Promise<EntryPosition> {
    await this.#checkOpen();
    const { offset, fingerprint } = this.#all.at(-1) ?? { offset: 0, fingerprint: 0 };
    return { offset, fingerprint };
  }

  async bounds(): Promise<Bounds> {
    await this.#checkOpen();
    const kept = this.#kept;
    return {
      first: this.#first,
      last: this.#all.length,
      firstStoredAt: kept[0]?.storedAt ?? 0n,
      lastStoredAt: kept.at(-1)?.storedAt ?? 0n,
      entryBytes: bytesOf(kept),
      lastingEntries: this.#lasting.length,
    };
  }

  async storedBytes(): Promise<number> {
    await this.#checkOpen();
    return bytesOf(this.#kept) + bytesOf(this.#lasting);
  }

  async offsetAt(time: bigint): Promise<number> {
    await this.#checkOpen();
    const found = this.#all.find(({ added, storedAt }) => entryTime(added.time, storedAt) >= time);
    return Math.max(this.#first, found?.offset ?? this.#all.length + 1);
  }

  async trim(retention: Retention): Promise<Trimmed> {
    await this.#checkOpen();
    let removed = 0;
    let bytes = bytesOf(this.#kept);
    for (; removed < TRIM_STEP_ENTRIES && this.#isOver(retention, bytes); removed++) {
      const oldest = this.#all[this.#first - 1]!;
      bytes -= entrySize(oldest.envelope.length);
      this.#first += 1;
      if (oldest.added.retention === 'lasting') this.#lasting.push(oldest);
    }
    const left = TRIM_STEP_ENTRIES - removed;
    let expired = 0;
    for (; expired < left && this.#isLastingOver(retention); expired++) this.#lasting.shift();
    const done = !this.#isOver(retention, bytes) && !this.#isLastingOver(retention);
    return { removed: removed + expired, done };
  }

  #isOver(retention: Retention, keptBytes: number): boolean {
    const { entries = Infinity, bytes = Infinity, age, holds = [] } = retention;
    const count = this.#all.length - this.#first + 1;
    const oldest = this.#all[this.#first - 1];
    if (count <= 1 || oldest === undefined) return false;
    const isHeld = holds.some((hold) => oldest.offset > hold.after && keptBytes <= hold.bytes);
    if (isHeld) return false;
    return count > entries || keptBytes > bytes || this.#isOlder(oldest, age);
  }

  #isLastingOver({ lastingAge, lastingBytes = Infinity }: Retention): boolean {
    const [oldest] = this.#lasting;
    if (oldest === undefined) return false;
    return bytesOf(this.#lasting) > lastingBytes || this.#isOlder(oldest, lastingAge);
  }

  #isOlder({ storedAt }: ArrayEntry, age: bigint | undefined): boolean {
    return age !== undefined && this.settings.clock() - storedAt > age;
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  get #kept(): ArrayEntry[] {
    return this.#all.slice(this.#first - 1);
  }

  #checkOpen(): Promise<void> {
    if (!this.#isClosed) return Promise.resolve();
    return Promise.reject(new FoghornError('UNAVAILABLE', 'the store is closed'));
  }
}

function notify(
  { call }: { readonly call: (entries: readonly Entry[]) => void },
  entries: readonly Entry[],
): void {
  try {
    call(entries);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

function select(
  entries: readonly ArrayEntry[],
  after: number,
  limit: ReadLimit,
  key: string | undefined,
): Entry[] {
  const selected: Entry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (entry.offset <= after || !isUnder(entry.added.key, key)) continue;
    selected.push(plainEntry(entry));
    bytes += entry.envelope.length;
    if (selected.length >= limit.entries || bytes >= limit.bytes) break;
  }
  return selected;
}

function plainEntry({ offset, storedAt, fingerprint, envelope }: ArrayEntry): Entry {
  return { offset, storedAt, fingerprint, envelope };
}

function isUnder(key: string | undefined, readKey: string | undefined): boolean {
  if (readKey === undefined) return true;
  const { path, name, mainOnly } = parseReadKey(readKey);
  if (key === undefined || (mainOnly && !isMainKey(key))) return false;
  return path === undefined ? splitPath(pathOf(key)).name === name : pathOf(key) === path;
}

function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { envelope }) => sum + entrySize(envelope.length), 0);
}
