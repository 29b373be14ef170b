import { crc32 } from 'node:zlib';
import { appendedAt, Duplicates, keyText } from '../duplicates.js';
import { entrySize } from '../entry-size.js';
import { entryTime } from '../entry-time.js';
import { isMainKey, pathOf } from '../key.js';
import type { Appended, Entry, NewEntry, StoreSettings } from '../store.js';
import { TailListeners } from '../tail-listeners.js';
import type { AppendTrouble } from './append-trouble.js';
import type { DedupeIndex } from './dedupe-index.js';
import { commitError } from './guard/io-error.js';
import type { CommitRow } from './journal/record.js';
import type { Seal } from './journal/seal.js';
import type { WriteAheadLog } from './journal/write-ahead-log.js';
import type { Head } from './tables/head.js';
import type { TableWriter } from './tables/table-writer.js';

/** Appends to the write-ahead log, one commit at a time, and reports what is stored. */
export class Commits {
  readonly listeners = new TailListeners();
  #head: Head;

  /** @param head the newest entry stored so far */
  constructor(
    private readonly directory: string,
    private readonly settings: StoreSettings,
    private readonly log: WriteAheadLog,
    private readonly dedupeIndex: DedupeIndex,
    private readonly tables: TableWriter,
    private readonly seal: Seal,
    private readonly trouble: AppendTrouble,
    head: Head,
  ) {
    this.#head = head;
  }

  /** The newest stored entry. */
  get head(): Head {
    return this.#head;
  }

  /** Stores the entries of several calls; returns the answers to each. Bound, to be passed on. */
  readonly commit = async (calls: readonly (readonly NewEntry[])[]): Promise<Appended[][]> => {
    // The tables may have failed while the calls waited.
    this.tables.checkWorking();
    const now = this.settings.clock();
    const { storedAt } = this.#head;
    const duplicates = new Duplicates(
      this.settings.dedupeWindow,
      now > storedAt ? now : storedAt,
      (key) => this.dedupeIndex.find(key),
    );
    const batch = new CommitBatch(this.#head, duplicates);
    const answers = this.#addAll(batch, calls);
    if (batch.rows.length > 0) await this.#store(batch);
    return answers;
  };

  #addAll(batch: CommitBatch, calls: readonly (readonly NewEntry[])[]): Appended[][] {
    try {
      return calls.map((entries) => batch.add(entries));
    } catch (error) {
      throw this.tables.failedBy(error);
    }
  }

  async #store(batch: CommitBatch): Promise<void> {
    try {
      await this.log.append(batch.rows);
    } catch (error) {
      const failure = commitError(error, this.directory, 'the event was not stored');
      this.trouble.begin(failure);
      throw failure;
    }
    if (this.trouble.isOngoing) this.trouble.end();
    this.#head = batch.head;
    this.seal.write(this.#head, this.log.sizes);
    this.dedupeIndex.add(batch.duplicates.added.keys());
    this.listeners.dispatch(batch.entries);
  }
}

/** The entries that one commit appends after a head, without duplicates. */
class CommitBatch {
  readonly rows: CommitRow[] = [];
  /** The entries of the rows. */
  readonly entries: Entry[] = [];
  /** The time at which its entries are stored. */
  readonly storedAt: bigint;
  #last: number;
  #fingerprint: number;
  #latestTime: bigint;
  #totalBytes: number;

  constructor(
    { last, fingerprint, latestTime, totalBytes }: Head,
    readonly duplicates: Duplicates,
  ) {
    this.storedAt = duplicates.now;
    this.#last = last;
    this.#fingerprint = fingerprint;
    this.#latestTime = latestTime;
    this.#totalBytes = totalBytes;
  }

  /** The head after this batch. */
  get head(): Head {
    return {
      last: this.#last,
      fingerprint: this.#fingerprint,
      storedAt: this.storedAt,
      latestTime: this.#latestTime,
      totalBytes: this.#totalBytes,
    };
  }

  /** Adds the entries of one call; returns the answers to it. */
  add(entries: readonly NewEntry[]): Appended[] {
    this.duplicates.beginCall(this.#last);
    return entries.map((entry) => this.#append(entry));
  }

  #append(entry: NewEntry): Appended {
    const { dedupeKey } = entry;
    if (dedupeKey === undefined) return appendedAt(this.#store(entry), false);
    const key = keyText(dedupeKey);
    const original = this.duplicates.find(key, this.#last);
    if (original !== undefined) return appendedAt(original, true);
    const stored = this.#store(entry);
    this.duplicates.add(key, stored);
    return appendedAt(stored, false);
  }

  #store({ bytes, time, key, dedupeKey, origin }: NewEntry): Entry {
    const { storedAt } = this;
    const offset = (this.#last += 1);
    const own = entryTime(time, storedAt);
    if (own > this.#latestTime) this.#latestTime = own;
    this.#totalBytes += entrySize(bytes.length);
    const fingerprint = (this.#fingerprint = crc32(bytes));
    const entry = { offset, storedAt, fingerprint, envelope: bytes, origin };
    this.entries.push(entry);
    this.rows.push({
      entry,
      latestTime: this.#latestTime,
      totalBytes: this.#totalBytes,
      path: key && pathOf(key),
      isMain: key !== undefined && isMainKey(key),
      dedupeKey,
    });
    return entry;
  }
}
