import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FoghornError } from '../../../protos/errors.js';
import type { Clock } from '../../../protos/clock.js';
import { checkKey } from '../check-key.js';
import { firstOffset } from '../first-offset.js';
import { GroupCommit } from '../group-commit.js';
import type {
  Bounds,
  ContainerKey,
  EncodedEnvelope,
  Entry,
  EventStore,
  ReadLimit,
  Stop,
} from '../store.js';
import { TailListeners } from '../tail-listeners.js';
import { EMPTY, encodeBatch, type Head, type Row } from './batch.js';
import { commitError } from './commit-error.js';
import { denseRange } from './dense-range.js';
import { inspect } from './inspection.js';
import {
  decodeEntry,
  decodeKey,
  encodeKey,
  reachedOf,
  storedAtOf,
  type StoredEntry,
} from './layout.js';
import { mark } from './marker.js';
import { checkPathLength, Ownership } from './ownership.js';
import { openError } from './refusal.js';
import { openTables, type Tables } from './tables.js';

/** A history in one directory on disk. An append resolves when its commit has been flushed. */
export class LmdbStore implements EventStore {
  readonly epoch: string;
  readonly durability = 'fsync';
  readonly #listeners = new TailListeners();
  readonly #commits = new GroupCommit<EncodedEnvelope>((envelopes) => this.#commit(envelopes));
  readonly #first: number;
  #head: Head = EMPTY;
  #closing: Promise<void> | undefined;

  private constructor(
    private readonly directory: string,
    private readonly tables: Tables,
    private readonly ownership: Ownership,
    private readonly clock: Clock,
  ) {
    this.epoch = tables.meta.get('epoch') ?? '';
    const [first] = tables.entries.getKeys({ limit: 1 });
    const [newest] = tables.entries.getRange({ limit: 1, reverse: true });
    this.#first = first ?? 1;
    if (newest === undefined) return;
    const { key: last, value } = newest;
    this.#head = { last, storedAt: storedAtOf(last, value), reached: reachedOf(last, value) };
  }

  /** Throws FAILED_PRECONDITION when the directory cannot be used and INVALID_ARGUMENT when its path is too long. */
  static async open(directory: string, clock: Clock): Promise<LmdbStore> {
    let tables: Tables | undefined;
    let ownership: Ownership | undefined;
    try {
      checkPathLength(directory);
      await inspect(directory);
      tables = await openTables(directory);
      ownership = await Ownership.take(directory, tables.meta);
      const store = new LmdbStore(directory, tables, ownership, clock);
      await mark(directory, store.epoch);
      return store;
    } catch (error) {
      ownership?.release();
      await tables?.root.close();
      throw openError(directory, error);
    }
  }

  async append(envelopes: readonly EncodedEnvelope[]): Promise<number> {
    this.#checkOpen();
    for (const { key } of envelopes) if (key !== undefined) checkKey(key);
    return this.#commits.add(envelopes);
  }

  async #commit(envelopes: readonly EncodedEnvelope[]): Promise<number> {
    const first = this.#head.last + 1;
    if (envelopes.length === 0) return first;
    const { head, rows } = encodeBatch(envelopes, this.#head, this.clock());
    try {
      await this.tables.root.batch(() => {
        this.#put(rows);
      });
    } catch (error) {
      throw await commitError(error, this.directory);
    }
    this.#head = head;
    this.#listeners.tell(rows.map(({ entry }) => entry));
    return first;
  }

  /** Must not throw: lmdb would commit what was put before. */
  #put(rows: readonly Row[]): void {
    const { entries, keys } = this.tables;
    for (const { entry, stored, key } of rows) {
      // The promise of the whole batch tells of a failure; these are the same one.
      void entries.put(entry.offset, stored);
      if (key !== undefined) void keys.put(encodeKey(key), entry.offset);
    }
  }

  // Without an await, so that a read happens at once, in one snapshot.
  async read(after: number, limit: ReadLimit, key?: ContainerKey): Promise<Entry[]> {
    this.#checkOpen();
    const entries: Entry[] = [];
    let bytes = 0;
    for (const stored of this.#stored(after, limit.entries, key)) {
      const entry = decodeEntry(stored.key, stored.value);
      entries.push(entry);
      bytes += entry.envelope.length;
      if (bytes >= limit.bytes) break;
    }
    return Promise.resolve(entries);
  }

  /** Up to the newest entry that was told, though the next commit may be in the tables already. */
  #stored(after: number, limit: number, key: ContainerKey | undefined): Iterable<StoredEntry> {
    const { entries, keys } = this.tables;
    const [start, end] = [Math.max(after + 1, this.#first), this.#head.last + 1];
    if (key === undefined) return denseRange(entries, start, end, limit);
    return keys
      .getValues(encodeKey(key), { start, end, limit })
      .map((offset) => ({ key: offset, value: entries.get(offset) ?? Buffer.alloc(0) }));
  }

  async *keys(namespace: string): AsyncIterable<ContainerKey> {
    let start = encodeKey({ namespace, container: '' });
    const end = Buffer.from(`${namespace}\x01`);
    // In pages, so that no snapshot stays open, and pages of the file with it, while the caller thinks.
    for (;;) {
      this.#checkOpen();
      const page = [...this.tables.keys.getKeys({ start, end, limit: 1000 })];
      for (const key of page) yield await Promise.resolve(decodeKey(key));
      const last = page.at(-1);
      if (last === undefined) return;
      start = Buffer.concat([last, Buffer.of(0)]);
    }
  }

  tail(onEntries: (entries: readonly Entry[]) => void): Stop {
    return this.#listeners.add(onEntries);
  }

  async bounds(): Promise<Bounds> {
    this.#checkOpen();
    const { size } = await stat(join(this.directory, 'data.mdb'));
    this.#checkOpen();
    const { last, storedAt } = this.#head;
    const oldest = last === 0 ? undefined : this.tables.entries.get(this.#first);
    return {
      first: this.#first,
      last,
      firstStoredAt: oldest === undefined ? 0n : storedAtOf(this.#first, oldest),
      lastStoredAt: storedAt,
      storedBytes: size,
    };
  }

  async offsetAt(time: bigint): Promise<number> {
    this.#checkOpen();
    const reached = (offset: number): boolean => {
      const stored = this.tables.entries.get(offset);
      return stored !== undefined && reachedOf(offset, stored) >= time;
    };
    return Promise.resolve(firstOffset(this.#first, this.#head.last, reached));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#commits.drained();
    await this.tables.root.close();
    this.ownership.release();
  }

  #checkOpen(): void {
    if (this.#closing) throw new FoghornError('UNAVAILABLE', 'the store is closed');
  }
}
