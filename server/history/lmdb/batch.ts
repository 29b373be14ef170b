import { crc32 } from 'node:zlib';
import { appendedAt, type Duplicates, type Place } from '../duplicates.js';
import { entrySize } from '../entry-size.js';
import { entryTime } from '../entry-time.js';
import type { Appended, EncodedEnvelope, Entry } from '../store.js';
import { keyRow, type KeyRow } from './key-index.js';
import { encodeEntry, storedAtOf, sumsOf, type StoredEntry, type Sums } from './layout.js';

/** The newest entry, as far as the next one depends on it. */
export interface Head extends Sums {
  readonly last: number;
  readonly storedAt: bigint;
}

export const EMPTY: Head = { last: 0, storedAt: 0n, reached: -(2n ** 63n), total: 0 };

/** Throws DATA_LOSS when the row is too short to be an entry. */
export function headOf({ key: last, value }: StoredEntry): Head {
  return { last, storedAt: storedAtOf(last, value), ...sumsOf(last, value) };
}

export interface Row {
  readonly entry: Entry;
  readonly stored: Buffer;
  readonly filed: KeyRow | undefined;
}

/** What one commit stores: the entries that follow a head, without duplicates. */
export class Batch {
  readonly rows: Row[] = [];
  #head: Head;

  /** All entries get the time that `duplicates` has. */
  constructor(
    head: Head,
    readonly duplicates: Duplicates,
  ) {
    this.#head = { ...head, storedAt: duplicates.now };
  }

  /** The head once this is stored. */
  get head(): Head {
    return this.#head;
  }

  /** Adds the envelopes of one call; gives the answers to it. */
  add(envelopes: readonly EncodedEnvelope[]): Appended[] {
    this.duplicates.beginCall();
    return envelopes.map((envelope) => {
      const store = (): Place => this.#store(envelope);
      const { place, duplicate } = this.duplicates.append(envelope, this.#head.last, store);
      return appendedAt(place, duplicate);
    });
  }

  #store({ bytes, timestamp, filing }: EncodedEnvelope): Place {
    const { storedAt, reached } = this.#head;
    const offset = this.#head.last + 1;
    const time = entryTime(timestamp, storedAt);
    this.#head = {
      last: offset,
      storedAt,
      reached: time > reached ? time : reached,
      total: this.#head.total + entrySize(bytes.length),
    };
    const entry = { offset, storedAt, fingerprint: crc32(bytes), envelope: bytes };
    this.rows.push({
      entry,
      stored: encodeEntry(entry, this.#head),
      filed: keyRow(filing, offset),
    });
    return { offset, storedAt, fingerprint: entry.fingerprint };
  }
}
