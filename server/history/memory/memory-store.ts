import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { FoghornError } from '../../../protocol/errors.js';
import { checkEntries } from '../check-entries.js';
import { appendedAt, keyText, type Duplicates, type Original } from '../duplicates.js';
import { entrySize } from '../entry-size.js';
import { entryTime } from '../entry-time.js';
import { firstOffset } from '../first-offset.js';
import { upTo } from '../read-limit.js';
import type {
  Appended,
  Bounds,
  Entry,
  EntryPosition,
  EventStore,
  LastingReadResult,
  NewEntry,
  ReadLimit,
  ReadResult,
  Retention,
  Stop,
  StoreSettings,
  Trimmed,
} from '../store.js';
import { ObservedTimes } from '../observed-times.js';
import { TailListeners } from '../tail-listeners.js';
import { isOver, trimPoint } from '../trim-point.js';
import { DedupeRecords } from './dedupe-records.js';
import { IndexedEntries, type MemoryEntry } from './indexed-entries.js';

/** Limit of one step of trimming. */
const TRIM_STEP_ENTRIES = 1000;

/**
 * A history that ends with its process, for trying things out. It is also the simplest
 * implementation of the contract.
 */
export class MemoryStore implements EventStore {
  readonly epoch = randomBytes(8).toString('hex');
  readonly durability = 'memory';
  readonly #entries = new IndexedEntries();
  /** Lasting entries kept from before the first entry. */
  readonly #lasting = new IndexedEntries();
  readonly #dedupe: DedupeRecords;
  readonly #listeners = new TailListeners();
  readonly #times = new ObservedTimes();
  #last = 0;
  /** `total` of the newest entry. */
  #total = 0;
  #closed = false;

  constructor(private readonly settings: StoreSettings) {
    this.#dedupe = new DedupeRecords(settings.dedupeWindow);
  }

  async append(entries: readonly NewEntry[]): Promise<Appended[]> {
    this.#checkOpen();
    checkEntries(entries);
    const { storedAt } = this.#newest() ?? { storedAt: 0n };
    const now = this.settings.clock();
    const duplicates = this.#dedupe.duplicates(now > storedAt ? now : storedAt);
    const before = this.#last;
    duplicates.beginCall(before);
    const appended = entries.map((entry) => this.#append(entry, duplicates));
    this.#dedupe.add(duplicates.added, this.#last, duplicates.now);
    this.settings.observer?.committed(0, [entries], [appended]);
    if (this.#last > before) this.#listeners.dispatch([...this.#entries.after(before, undefined)]);
    return Promise.resolve(appended);
  }

  #append(entry: NewEntry, duplicates: Duplicates): Appended {
    const key = entry.dedupeKey && keyText(entry.dedupeKey);
    const original = key === undefined ? undefined : duplicates.find(key, this.#last);
    if (original !== undefined) return appendedAt(original, true);
    const stored = this.#store(entry, duplicates.now);
    if (key !== undefined) duplicates.add(key, stored);
    return appendedAt(stored, false);
  }

  #store({ bytes, time, key, retention }: NewEntry, storedAt: bigint): Original {
    const previous = this.#newest();
    const own = entryTime(time, storedAt);
    const latestTime =
      previous !== undefined && previous.latestTime > own ? previous.latestTime : own;
    const envelope = Buffer.from(bytes);
    const total = (this.#total += entrySize(envelope.length));
    const fingerprint = crc32(envelope);
    const offset = (this.#last += 1);
    const entry = { offset, storedAt, latestTime, total, fingerprint, envelope, key, retention };
    this.#entries.push(entry);
    return { offset, storedAt, fingerprint };
  }

  async read(after: number, limit: ReadLimit, key?: string): Promise<ReadResult> {
    this.#checkOpen();
    const first = this.#first();
    if (after < first - 1) return Promise.resolve({ kind: 'trimmed', first });
    const entries = upTo(limit, this.#entries.after(after, key));
    return Promise.resolve({ kind: 'entries', entries });
  }

  async readLasting(after: number, limit: ReadLimit, key?: string): Promise<LastingReadResult> {
    this.#checkOpen();
    const entries = upTo(limit, this.#lasting.after(after, key));
    return Promise.resolve({ kind: 'entries', entries });
  }

  async *keys(prefix: string): AsyncIterable<string> {
    this.#checkOpen();
    const paths = new Set([...this.#entries.paths(), ...this.#lasting.paths()]);
    for (const path of paths) if (path.startsWith(prefix)) yield await Promise.resolve(path);
  }

  tail(onEntries: (entries: readonly Entry[]) => void): Stop {
    return this.#listeners.add(onEntries);
  }

  async sync(): Promise<EntryPosition> {
    this.#checkOpen();
    const fingerprint = this.#newest()?.fingerprint ?? 0;
    return Promise.resolve({ offset: this.#last, fingerprint });
  }

  async bounds(): Promise<Bounds> {
    this.#checkOpen();
    return Promise.resolve({
      first: this.#first(),
      last: this.#last,
      firstStoredAt: this.#entries.at(0)?.storedAt ?? 0n,
      lastStoredAt: this.#newest()?.storedAt ?? 0n,
      entryBytes: this.#entries.bytes,
      lastingEntries: this.#lasting.length,
    });
  }

  async storedBytes(): Promise<number> {
    this.#checkOpen();
    return Promise.resolve(this.#entries.bytes + this.#lasting.bytes);
  }

  async offsetAt(time: bigint): Promise<number> {
    this.#checkOpen();
    const isLateEnough = (offset: number): boolean =>
      (this.#entry(offset)?.latestTime ?? 0n) >= time;
    return Promise.resolve(firstOffset(this.#first(), this.#last, isLateEnough));
  }

  async trim(retention: Retention): Promise<Trimmed> {
    this.#checkOpen();
    const now = this.settings.clock();
    const newest = this.#newest();
    if (newest !== undefined) this.#times.observe(newest, retention, now);
    const view = {
      first: this.#first(),
      last: this.#last,
      storedAt: (offset: number) => {
        const entry = this.#entry(offset);
        return entry && this.#times.timeOf(offset, entry.storedAt, now);
      },
      bytesFrom: (offset: number) => {
        const entry = this.#entry(offset);
        return entry && this.#total - entry.total + entrySize(entry.envelope.length);
      },
    };
    const excess = trimPoint(view, retention, now) - view.first;
    const taken = Math.min(excess, TRIM_STEP_ENTRIES);
    for (let i = 0; i < taken; i++) this.#shift();
    const expired = this.#expireLasting(retention, now, TRIM_STEP_ENTRIES - taken);
    const done = taken === excess && !this.#exceedsLasting(retention, now);
    return Promise.resolve({ removed: taken + expired, done });
  }

  #shift(): void {
    const oldest = this.#entries.at(0);
    this.#entries.shift();
    if (oldest?.retention === 'lasting') this.#lasting.push(oldest);
  }

  #expireLasting(retention: Retention, now: bigint, limit: number): number {
    let removed = 0;
    for (; removed < limit && this.#exceedsLasting(retention, now); removed++) {
      this.#lasting.shift();
    }
    return removed;
  }

  #exceedsLasting({ lastingAge, lastingBytes = Infinity }: Retention, now: bigint): boolean {
    const oldest = this.#lasting.at(0);
    if (oldest === undefined) return false;
    if (this.#lasting.bytes > lastingBytes) return true;
    return isOver(lastingAge, this.#times.timeOf(oldest.offset, oldest.storedAt, now), now);
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  #checkOpen(): void {
    if (this.#closed) throw new FoghornError('UNAVAILABLE', 'the store is closed');
  }

  #first(): number {
    return this.#last - this.#entries.length + 1;
  }

  #entry(offset: number): MemoryEntry | undefined {
    return this.#entries.at(offset - this.#first());
  }

  #newest(): MemoryEntry | undefined {
    return this.#entry(this.#last);
  }
}
