import { crc32 } from 'node:zlib';
import { appendedAt, type Duplicates, type Place } from '../../duplicates.js';
import { entrySize } from '../../entry-size.js';
import { entryTime } from '../../entry-time.js';
import type { Appended, EncodedEnvelope, Entry, Filing } from '../../store.js';
import type { Head } from '../tables/head.js';
import type { RunningTotals } from '../tables/row.js';

/** An entry with everything that is stored for it. */
export interface CommitRow extends RunningTotals {
  readonly entry: Entry;
  readonly filing: Filing;
  readonly dedupeKey: Uint8Array | undefined;
}

/** The entries that one commit appends after a head, without duplicates. */
export class CommitBatch {
  readonly rows: CommitRow[] = [];
  /** The time at which its entries are stored. */
  readonly storedAt: bigint;
  #last: number;
  #reached: bigint;
  #total: number;

  constructor(
    { last, latestTime: reached, totalBytes: total }: Head,
    readonly duplicates: Duplicates,
  ) {
    this.storedAt = duplicates.now;
    this.#last = last;
    this.#reached = reached;
    this.#total = total;
  }

  /** The head after this batch. */
  get head(): Head {
    const { storedAt } = this;
    return { last: this.#last, storedAt, latestTime: this.#reached, totalBytes: this.#total };
  }

  /** Adds the envelopes of one call; returns the answers to it. */
  add(envelopes: readonly EncodedEnvelope[]): Appended[] {
    this.duplicates.beginCall();
    return envelopes.map((envelope) => {
      const store = (): Place => this.#store(envelope);
      const { place, duplicate } = this.duplicates.append(envelope, this.#last, store);
      return appendedAt(place, duplicate);
    });
  }

  #store({ bytes, timestamp, filing, dedupeKey, origin }: EncodedEnvelope): Entry {
    const { storedAt } = this;
    const offset = (this.#last += 1);
    const time = entryTime(timestamp, storedAt);
    if (time > this.#reached) this.#reached = time;
    this.#total += entrySize(bytes.length);
    const entry = { offset, storedAt, fingerprint: crc32(bytes), envelope: bytes, origin };
    this.rows.push({
      entry,
      latestTime: this.#reached,
      totalBytes: this.#total,
      filing,
      dedupeKey,
    });
    return entry;
  }
}
