import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { FoghornError } from '../../../protocol/errors.js';
import { checkKeys } from '../check-key.js';
import { appendedAt, type Place } from '../duplicates.js';
import { entrySize } from '../entry-size.js';
import { entryTime } from '../entry-time.js';
import { firstOffset } from '../first-offset.js';
import { upTo } from '../read-limit.js';
import type {
  Appended,
  Bounds,
  ContainerKey,
  EncodedEnvelope,
  Entry,
  EventStore,
  ReadLimit,
  Retention,
  Scope,
  Stop,
  StoreSettings,
  Trimmed,
} from '../store.js';
import { TailListeners } from '../tail-listeners.js';
import { isOver, trimPoint } from '../trim-point.js';
import { trimmed } from '../trimmed.js';
import { DedupeRecords } from './dedupe-records.js';
import { Shelf, type StoredEntry } from './shelf.js';

/** How many entries a step of trimming takes at most. */
const STEP = 1000;

/** A history that is gone when the broker ends: for trying things out, and as the plainest reading of the contract. */
export class MemoryStore implements EventStore {
  readonly epoch = randomBytes(8).toString('hex');
  readonly durability = 'memory';
  readonly #entries = new Shelf();
  readonly #exits = new Shelf();
  readonly #dedupe: DedupeRecords;
  readonly #listeners = new TailListeners();
  #last = 0;
  /** `total` of the newest entry. */
  #total = 0;
  #closed = false;

  constructor(private readonly settings: StoreSettings) {
    this.#dedupe = new DedupeRecords(settings.dedupeWindow);
  }

  async append(envelopes: readonly EncodedEnvelope[]): Promise<Appended[]> {
    this.#checkOpen();
    checkKeys(envelopes);
    const { storedAt } = this.#newest() ?? { storedAt: 0n };
    const now = this.settings.clock();
    const duplicates = this.#dedupe.duplicates(now > storedAt ? now : storedAt);
    const before = this.#last;
    const appended = envelopes.map((envelope) => {
      const store = (): Place => this.#store(envelope, duplicates.now);
      const { place, duplicate } = duplicates.append(envelope, this.#last, store);
      return appendedAt(place, duplicate);
    });
    this.#dedupe.add(duplicates.added, this.#last, duplicates.now);
    if (this.#last > before) this.#listeners.tell([...this.#entries.after(before, undefined)]);
    return Promise.resolve(appended);
  }

  #store({ bytes, timestamp, filing }: EncodedEnvelope, storedAt: bigint): Place {
    const previous = this.#newest();
    const time = entryTime(timestamp, storedAt);
    const reached = previous !== undefined && previous.reached > time ? previous.reached : time;
    const envelope = Buffer.from(bytes);
    const total = (this.#total += entrySize(envelope.length));
    const fingerprint = crc32(envelope);
    const offset = (this.#last += 1);
    const entry = { offset, storedAt, reached, total, fingerprint, envelope, filing };
    this.#entries.push(entry);
    return { offset, storedAt, fingerprint };
  }

  async read(after: number, limit: ReadLimit, scope?: Scope): Promise<Entry[]> {
    this.#checkOpen();
    const first = this.#first();
    if (after < first - 1) throw trimmed(after, first);
    return Promise.resolve(upTo(limit, this.#entries.after(after, scope)));
  }

  async readKeptExits(after: number, limit: ReadLimit, scope?: Scope): Promise<Entry[]> {
    this.#checkOpen();
    return Promise.resolve(upTo(limit, this.#exits.after(after, scope)));
  }

  async *keys(namespace: string): AsyncIterable<ContainerKey> {
    this.#checkOpen();
    const shelves = [this.#entries, this.#exits];
    const containers = new Set(shelves.flatMap((shelf) => [...shelf.containers(namespace)]));
    for (const container of containers) yield await Promise.resolve({ namespace, container });
  }

  tail(onEntries: (entries: readonly Entry[]) => void): Stop {
    return this.#listeners.add(onEntries);
  }

  async bounds(): Promise<Bounds> {
    this.#checkOpen();
    return Promise.resolve({
      first: this.#first(),
      last: this.#last,
      firstStoredAt: this.#entries.at(0)?.storedAt ?? 0n,
      lastStoredAt: this.#newest()?.storedAt ?? 0n,
      storedBytes: this.#entries.bytes + this.#exits.bytes,
      entryBytes: this.#entries.bytes,
      keptExits: this.#exits.length,
    });
  }

  async offsetAt(time: bigint): Promise<number> {
    this.#checkOpen();
    const reached = (offset: number): boolean => (this.#entry(offset)?.reached ?? 0n) >= time;
    return Promise.resolve(firstOffset(this.#first(), this.#last, reached));
  }

  async trim(retention: Retention): Promise<Trimmed> {
    this.#checkOpen();
    const now = this.settings.clock();
    const view = {
      first: this.#first(),
      last: this.#last,
      storedAt: (offset: number) => this.#entry(offset)?.storedAt,
      bytesFrom: (offset: number) => {
        const entry = this.#entry(offset);
        return entry && this.#total - entry.total + entrySize(entry.envelope.length);
      },
    };
    const left = trimPoint(view, retention, now) - view.first;
    const taken = Math.min(left, STEP);
    for (let i = 0; i < taken; i++) this.#shift();
    const expired = this.#expireExits(retention, now, STEP - taken);
    const done = taken === left && !this.#isOldestExitOver(retention, now);
    return Promise.resolve({ removed: taken + expired, done });
  }

  #shift(): void {
    const oldest = this.#entries.at(0);
    this.#entries.shift();
    if (oldest?.filing.outlasts === true) this.#exits.push(oldest);
  }

  #expireExits(retention: Retention, now: bigint, limit: number): number {
    let removed = 0;
    for (; removed < limit && this.#isOldestExitOver(retention, now); removed++) {
      this.#exits.shift();
    }
    return removed;
  }

  #isOldestExitOver({ exitsAge }: Retention, now: bigint): boolean {
    const oldest = this.#exits.at(0);
    return oldest !== undefined && isOver(exitsAge, oldest.storedAt, now);
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

  #entry(offset: number): StoredEntry | undefined {
    return this.#entries.at(offset - this.#first());
  }

  #newest(): StoredEntry | undefined {
    return this.#entry(this.#last);
  }
}
