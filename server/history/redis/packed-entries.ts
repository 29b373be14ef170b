import { crc32 } from 'node:zlib';
import type { Entry } from '../store.js';
import { timeOfWire, wireTime } from './sortable-time.js';

/*
 * The entries of one commit as one value, see history.lua: count u32; for each the end of its
 * envelope u32, fingerprint u32, time u64; the envelopes. Big-endian, as Lua's struct reads it.
 */
const COUNT_BYTES = 4;
const END = 0;
const FINGERPRINT = 4;
const TIME = 8;
const HEADER_BYTES = 16;

/** An entry of a commit that has no offset yet. */
export interface UnplacedEntry {
  readonly bytes: Uint8Array;
  readonly fingerprint: number;
  readonly time: bigint;
}

export function packEntries(entries: readonly UnplacedEntry[]): Buffer {
  const headers = COUNT_BYTES + entries.length * HEADER_BYTES;
  const size = entries.reduce((sum, { bytes }) => sum + bytes.length, headers);
  const packed = Buffer.allocUnsafe(size);
  packed.writeUInt32BE(entries.length, 0);
  let header = COUNT_BYTES;
  let end = 0;
  for (const { bytes, fingerprint, time } of entries) {
    packed.set(bytes, headers + end);
    end += bytes.length;
    packed.writeUInt32BE(end, header + END);
    packed.writeUInt32BE(fingerprint, header + FINGERPRINT);
    packed.writeBigUInt64BE(wireTime(time), header + TIME);
    header += HEADER_BYTES;
  }
  return packed;
}

/** Reads single entries from a packed commit. */
export class PackedEntries {
  readonly first: number;
  readonly #headers: number;

  /** @param last offset of the newest entry in the commit */
  constructor(
    private readonly packed: Buffer,
    readonly last: number,
    readonly storedAt: bigint,
  ) {
    const count = packed.readUInt32BE(0);
    this.first = last - count + 1;
    this.#headers = COUNT_BYTES + count * HEADER_BYTES;
  }

  /** The envelope's own time, ns, within 64 bits. */
  timeOf(offset: number): bigint {
    return timeOfWire(this.packed.readBigUInt64BE(this.#header(offset) + TIME));
  }

  /** The entry as it is now, see `isIntact`. */
  entry(offset: number): Entry {
    const header = this.#header(offset);
    const begin = offset === this.first ? 0 : this.packed.readUInt32BE(header - HEADER_BYTES + END);
    const end = this.packed.readUInt32BE(header + END);
    const envelope = this.packed.subarray(this.#headers + begin, this.#headers + end);
    const fingerprint = this.packed.readUInt32BE(header + FINGERPRINT);
    return { offset, storedAt: this.storedAt, fingerprint, envelope };
  }

  #header(offset: number): number {
    return COUNT_BYTES + (offset - this.first) * HEADER_BYTES;
  }
}

/** Whether an entry is what was stored. */
export function isIntact({ envelope, fingerprint }: Entry): boolean {
  return crc32(envelope) === fingerprint;
}
