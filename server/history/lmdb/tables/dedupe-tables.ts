import { isWithin, keyText, type Original } from '../../duplicates.js';
import type { DedupeWindow } from '../../store.js';
import type { Head } from './head.js';
import type { TableEntry } from './row.js';
import type { Tables } from './tables.js';

// A value: storedAt i64 · offset f64 · fingerprint (CRC-32 of the envelope) u32.
const STORED_AT = 0;
const OFFSET = 8;
const FINGERPRINT = 16;
const VALUE_BYTES = 20;

const TABLE_NAMES = ['dedupe0', 'dedupe1'] as const;
/** Key in the table meta of the current generation. */
const GENERATION_KEY = 'dedupe';

/** The table being filled, and the newest entry before the first one in it. */
interface Generation {
  readonly table: 0 | 1;
  readonly offset: number;
  readonly storedAt: bigint;
}

/**
 * Positions of the entries that have a dedupe key, in two tables used alternately. Once the table
 * being filled covers the whole dedupe window, the other one is obsolete: it is emptied in one step
 * and filled next.
 */
export class DedupeTables {
  #generation: Generation;

  constructor(
    private readonly tables: Pick<Tables, 'dedupe0' | 'dedupe1' | 'meta'>,
    private readonly window: DedupeWindow,
  ) {
    this.#generation = decodeGeneration(tables.meta.get(GENERATION_KEY));
  }

  /** The position of the newest entry with a key, within the window or not. */
  find(key: string): Original | undefined {
    const bytes = Buffer.from(key, 'latin1');
    const stored = this.#current.get(bytes) ?? this.#other.get(bytes);
    return stored && decodePosition(stored);
  }

  /** The greatest key in the tables; empty when they are empty. */
  greatestKey(): string {
    const keys = TABLE_NAMES.flatMap((name) => [
      ...this.tables[name].getKeys({ limit: 1, reverse: true }),
    ]);
    return keys.map(keyText).sort().at(-1) ?? '';
  }

  /**
   * Prepares the tables for the entries of a checkpoint. Must be called in a batch; does not throw.
   *
   * @param before the newest entry before them
   */
  begin(before: Head): void {
    this.#rotateIfExpired(before);
    // Written every time, so that the table agrees with memory even after a batch that failed.
    void this.tables.meta.put(GENERATION_KEY, encodeGeneration(this.#generation));
  }

  /**
   * Adds an entry if it has a dedupe key. Must be called in a batch; does not throw. Putting the
   * same entry twice is harmless.
   */
  put(row: TableEntry): void {
    const { dedupeKey } = row;
    if (dedupeKey !== undefined) void this.#current.put(dedupeKey, encodePosition(row));
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

function encodePosition({ offset, fingerprint, stored }: TableEntry): Buffer {
  const value = Buffer.allocUnsafe(VALUE_BYTES);
  // A row begins with `storedAt`. Copying a part of a buffer makes an object, which costs more.
  for (let at = 0; at < OFFSET; at++) value[STORED_AT + at] = stored[at] ?? 0;
  value.writeDoubleBE(offset, OFFSET);
  value.writeUInt32BE(fingerprint, FINGERPRINT);
  return value;
}

export function decodePosition(stored: Buffer): Original {
  return {
    storedAt: stored.readBigInt64BE(STORED_AT),
    offset: stored.readDoubleBE(OFFSET),
    fingerprint: stored.readUInt32BE(FINGERPRINT),
  };
}
