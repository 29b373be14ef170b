import { Duplicates, isWithin, type Place } from '../duplicates.js';
import type { DedupeWindow } from '../store.js';
import type { Tables } from './tables.js';

const STORED_AT = 0;
const OFFSET = 8;
const FINGERPRINT = 16;
const PLACE_BYTES = 20;
/** In a row of dedupeOrder. */
const KEY = 8;

/** What a commit changes in the two tables. */
export interface DedupeChange {
  readonly added: ReadonlyMap<string, Place>;
  readonly replaced: readonly number[];
  readonly expired: readonly OrderRow[];
}

interface OrderRow {
  readonly offset: number;
  readonly key: Buffer;
}

/** Where the envelopes with a dedupe key are. Each record is one row in both tables. */
export class DedupeTables {
  constructor(
    private readonly tables: Pick<Tables, 'dedupe' | 'dedupeOrder'>,
    private readonly window: DedupeWindow,
  ) {}

  /** To find duplicates with, as of the newest commit. */
  duplicates(now: bigint): Duplicates {
    return new Duplicates(this.window, now, (key) => {
      const stored = this.tables.dedupe.get(Buffer.from(key, 'latin1'));
      return stored && decodePlace(stored);
    });
  }

  /** The oldest records that are out of the window, at most `limit`. */
  expired(limit: number, last: number, now: bigint): OrderRow[] {
    const expired: OrderRow[] = [];
    if (limit === 0) return expired;
    for (const { key: offset, value } of this.tables.dedupeOrder.getRange({ limit })) {
      const storedAt = value.readBigInt64BE(STORED_AT);
      if (isWithin(this.window, { offset, storedAt }, last, now)) break;
      expired.push({ offset, key: value.subarray(KEY) });
    }
    return expired;
  }

  /** To be called in a batch; does not throw. */
  put({ added, replaced, expired }: DedupeChange): void {
    const { dedupe, dedupeOrder } = this.tables;
    // Removals come first: a key that is added may have an expired record.
    for (const { offset, key } of expired) {
      void dedupeOrder.remove(offset);
      void dedupe.remove(key);
    }
    for (const offset of replaced) void dedupeOrder.remove(offset);
    for (const [text, place] of added) {
      const key = Buffer.from(text, 'latin1');
      void dedupe.put(key, encodePlace(place));
      void dedupeOrder.put(place.offset, encodeOrder(place, key));
    }
  }
}

function encodePlace({ offset, storedAt, fingerprint }: Place): Buffer {
  const stored = Buffer.allocUnsafe(PLACE_BYTES);
  stored.writeBigInt64BE(storedAt, STORED_AT);
  stored.writeDoubleBE(offset, OFFSET);
  stored.writeUInt32BE(fingerprint, FINGERPRINT);
  return stored;
}

function decodePlace(stored: Buffer): Place {
  return {
    storedAt: stored.readBigInt64BE(STORED_AT),
    offset: stored.readDoubleBE(OFFSET),
    fingerprint: stored.readUInt32BE(FINGERPRINT),
  };
}

function encodeOrder({ storedAt }: Place, key: Buffer): Buffer {
  const stored = Buffer.allocUnsafe(KEY + key.length);
  stored.writeBigInt64BE(storedAt, STORED_AT);
  stored.set(key, KEY);
  return stored;
}
