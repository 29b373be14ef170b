import { isWithin, keyText, type Place } from '../../duplicates.js';
import type { DedupeWindow } from '../../store.js';
import type { Head } from './head.js';
import type { TableEntry } from './row.js';
import type { Tables } from './tables.js';

const STORED_AT = 0;
const OFFSET = 8;
const FINGERPRINT = 16;
const PLACE_BYTES = 20;

const TABLE_NAMES = ['dedupe0', 'dedupe1'] as const;
/** In the meta table: which of the two is being filled, and the entry after which that began. */
const GENERATION_KEY = 'dedupe';

interface Generation {
  readonly table: 0 | 1;
  readonly offset: number;
  readonly storedAt: bigint;
}

/**
 * Where the envelopes with a dedupe key are, in two tables that take turns: once the one that is being filled goes back beyond the
 * window, the other one holds nothing that matters, and is emptied in one step to be filled next.
 */
export class DedupeTables {
  #generation: Generation;

  constructor(
    private readonly tables: Pick<Tables, 'dedupe0' | 'dedupe1' | 'meta'>,
    private readonly window: DedupeWindow,
  ) {
    this.#generation = decodeGeneration(tables.meta.get(GENERATION_KEY));
  }

  /** Where the newest envelope with a key is, within the window or not. */
  find(key: string): Place | undefined {
    const bytes = Buffer.from(key, 'latin1');
    const stored = this.#current.get(bytes) ?? this.#other.get(bytes);
    return stored && decodePlace(stored);
  }

  /** The greatest of all keys in the tables; empty when there are none. */
  greatestKey(): string {
    const keys = TABLE_NAMES.flatMap((name) => [
      ...this.tables[name].getKeys({ limit: 1, reverse: true }),
    ]);
    return keys.map(keyText).sort().at(-1) ?? '';
  }

  /** To be called in a batch; does not throw. `before` is the newest entry before these. What a failed batch has put is put again. */
  put(rows: readonly TableEntry[], before: Head): void {
    this.#rotateIfExpired(before);
    // Each time, so that the table says what we believe, whatever became of the batch before.
    void this.tables.meta.put(GENERATION_KEY, encodeGeneration(this.#generation));
    for (const { offset, fingerprint, stored, dedupeKey } of rows) {
      if (dedupeKey === undefined) continue;
      void this.#current.put(dedupeKey, encodePlace(offset, fingerprint, stored));
    }
  }

  #rotateIfExpired({ last: offset, storedAt }: Head): void {
    if (isWithin(this.window, this.#generation, offset, storedAt)) return;
    void this.#other.clearAsync();
    this.#generation = { table: this.#generation.table === 0 ? 1 : 0, offset, storedAt };
  }

  get #current(): Tables['dedupe0'] {
    return this.tables[TABLE_NAMES[this.#generation.table]];
  }

  get #other(): Tables['dedupe0'] {
    return this.tables[TABLE_NAMES[this.#generation.table === 0 ? 1 : 0]];
  }
}

function encodeGeneration({ table, offset, storedAt }: Generation): string {
  return `${table} ${offset} ${storedAt}`;
}

/** A new history begins with the first table. */
function decodeGeneration(text = '0 0 0'): Generation {
  const [table, offset, storedAt] = text.split(' ');
  return { table: table === '1' ? 1 : 0, offset: Number(offset), storedAt: BigInt(storedAt ?? 0) };
}

/** @param row the entry's, which begins with the same time */
function encodePlace(offset: number, fingerprint: number, row: Buffer): Buffer {
  const place = Buffer.allocUnsafe(PLACE_BYTES);
  row.copy(place, STORED_AT, STORED_AT, OFFSET);
  place.writeDoubleBE(offset, OFFSET);
  place.writeUInt32BE(fingerprint, FINGERPRINT);
  return place;
}

function decodePlace(stored: Buffer): Place {
  return {
    storedAt: stored.readBigInt64BE(STORED_AT),
    offset: stored.readDoubleBE(OFFSET),
    fingerprint: stored.readUInt32BE(FINGERPRINT),
  };
}
