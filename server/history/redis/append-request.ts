import { crc32 } from 'node:zlib';
import type { Appended, EncodedEnvelope, Entry } from '../store.js';
import type { Keys } from './keys.js';
import type { Reply } from './script.js';
import { sortableTime, timeOfSortable } from './sortable-time.js';

const TIME_BYTES = 20;
/** Lengths and numbers around an envelope, its time and its dedupe key. */
const FRAME_BYTES = 4 + 4 + TIME_BYTES + 4 + 1 + 1;

/** The envelopes of one commit as append.lua takes them. */
export interface AppendRequest {
  /** The sorted sets that they are filed in. */
  readonly sets: readonly string[];
  readonly packed: Buffer;
  /** CRC-32 of each, in order. */
  readonly fingerprints: readonly number[];
}

export function packEnvelopes(
  calls: readonly (readonly EncodedEnvelope[])[],
  keys: Keys,
): AppendRequest {
  const envelopes = calls.flat();
  let size = 0;
  for (const { bytes, dedupeKey } of envelopes) {
    size += FRAME_BYTES + bytes.length + (dedupeKey?.length ?? 0);
  }
  const packed = Buffer.allocUnsafe(size);
  const fingerprints: number[] = [];
  const sets = new Map<string, number>();
  let at = 0;
  for (const call of calls) {
    call.forEach((envelope, index) => {
      const { bytes, timestamp, filing, dedupeKey } = envelope;
      const set = keys.setOf(filing);
      const fingerprint = crc32(bytes);
      fingerprints.push(fingerprint);
      at = packed.writeUInt32BE(bytes.length, at);
      packed.set(bytes, at);
      at = packed.writeUInt32BE(fingerprint, at + bytes.length);
      at += packed.write(sortableTime(timestamp), at, 'latin1');
      at = packed.writeUInt32BE(set === undefined ? 0 : indexOf(set, sets, keys), at);
      at = packed.writeUInt8(index === 0 ? 1 : 0, at);
      at = packed.writeUInt8(dedupeKey?.length ?? 0, at);
      if (dedupeKey !== undefined) {
        packed.set(dedupeKey, at);
        at += dedupeKey.length;
      }
    });
  }
  return { sets: [...sets.keys()], packed, fingerprints };
}

/** The index in the script's KEYS, which begin with 1. */
function indexOf(set: string, sets: Map<string, number>, keys: Keys): number {
  let index = sets.get(set);
  if (index === undefined) {
    index = keys.fixed.length + sets.size + 1;
    sets.set(set, index);
  }
  return index;
}

/** What append.lua has done. */
export interface AppendReply {
  /** Of the first entry stored. */
  readonly first: number;
  readonly storedAt: bigint;
  /** What `Retention.bytes` counts, of all entries up to the last one stored. */
  readonly total: number;
  /** Earlier dedupe records had to be given up. */
  readonly dedupeForgotten: boolean;
  /** By index of the envelope, where the first of its kind is. */
  readonly duplicates: ReadonlyMap<number, Appended>;
}

export function parseAppendReply(reply: Reply): AppendReply {
  const [first, storedAt, total, forgotten, packed] = reply as [
    number,
    Buffer,
    number,
    number,
    readonly number[],
  ];
  const duplicates = new Map<number, Appended>();
  for (let i = 0; i + 2 < packed.length; i += 3) {
    const [index, offset, fingerprint] = packed.slice(i, i + 3) as [number, number, number];
    duplicates.set(index, { offset, fingerprint, duplicate: true });
  }
  return {
    first,
    storedAt: timeOfSortable(storedAt.toString('latin1')),
    total,
    dedupeForgotten: forgotten === 1,
    duplicates,
  };
}

/** What a commit has come to: an answer for each envelope of each call, and the entries that it has stored. */
export function resultOf(
  calls: readonly (readonly EncodedEnvelope[])[],
  { fingerprints }: AppendRequest,
  { first, storedAt, duplicates }: AppendReply,
): { answers: Appended[][]; entries: Entry[] } {
  const entries: Entry[] = [];
  let index = 0;
  const answers = calls.map((call) =>
    call.map(({ bytes }) => {
      const known = duplicates.get(index);
      const fingerprint = fingerprints[index] ?? 0;
      index += 1;
      if (known !== undefined) return known;
      const offset = first + entries.length;
      entries.push({ offset, storedAt, fingerprint, envelope: bytes });
      return { offset, fingerprint, duplicate: false };
    }),
  );
  return { answers, entries };
}
