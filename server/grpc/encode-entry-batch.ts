import type { EventView } from '../events/event-view.js';
import { varintSize, writeVarint } from '../events/varint.js';

/*
 * A foghorn.v1.ReadResponse with entries, written into one buffer of the right size: a replay is made of these, and the
 * generated encoder copies every entry twice (see decision 14). The bytes are the same.
 */
const BATCH_TAG = 0x0a;
const ENTRY_TAG = 0x0a;
const KEPT_EXITS_TAG = 0x10;

/** Of an entry, the encoded foghorn.v1.Entry. */
export type EncodedEntry = Pick<EventView, 'wireBytes' | 'writeWire'>;

export function encodeEntryBatch(entries: readonly EncodedEntry[], keptExits: boolean): Buffer {
  let size = keptExits ? 2 : 0;
  for (const { wireBytes } of entries) size += 1 + varintSize(wireBytes) + wireBytes;
  const bytes = Buffer.allocUnsafe(1 + varintSize(size) + size);
  let at = writeLength(bytes, 0, BATCH_TAG, size);
  for (const entry of entries) {
    const { wireBytes } = entry;
    at = writeLength(bytes, at, ENTRY_TAG, wireBytes);
    entry.writeWire(bytes, at);
    at += wireBytes;
  }
  if (keptExits) {
    bytes[at] = KEPT_EXITS_TAG;
    bytes[at + 1] = 1;
  }
  return bytes;
}

/** Of a field that is as long as it says; returns where it begins. */
function writeLength(bytes: Buffer, at: number, tag: number, length: number): number {
  bytes[at] = tag;
  return writeVarint(bytes, at + 1, length);
}
