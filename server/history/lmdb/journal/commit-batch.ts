import { crc32 } from 'node:zlib';
import { appendedAt, type Duplicates, type Original } from '../../duplicates.js';
import { entrySize } from '../../entry-size.js';
import { entryTime } from '../../entry-time.js';
import { isMainKey, pathOf } from '../../key.js';
import type { Appended, Entry, NewEntry } from '../../store.js';
import type { Head } from '../tables/head.js';
import type { RunningTotals } from '../tables/row.js';

/** An entry with everything that is stored for it. */
export interface CommitRow extends RunningTotals {
  readonly entry: Entry;
  /** The path of the entry's key. */
  readonly path: string | undefined;
  readonly isMain: boolean;
  readonly dedupeKey: Uint8Array | undefined;
}

/** The entries that one commit appends after a head, without duplicates. */
export class CommitBatch {
  readonly rows: CommitRow[] = [];
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
    this.duplicates.beginCall();
    return entries.map((entry) => {
      const store = (): Original => this.#store(entry);
      const { original, duplicate } = this.duplicates.append(entry, this.#last, store);
      return appendedAt(original, duplicate);
    });
  }

  #store({ bytes, time, key, dedupeKey, origin }: NewEntry): Entry {
    const { storedAt } = this;
    const offset = (this.#last += 1);
    const own = entryTime(time, storedAt);
    if (own > this.#latestTime) this.#latestTime = own;
    this.#totalBytes += entrySize(bytes.length);
    const fingerprint = (this.#fingerprint = crc32(bytes));
    const entry = { offset, storedAt, fingerprint, envelope: bytes, origin };
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
