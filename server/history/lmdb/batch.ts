import { crc32 } from 'node:zlib';
import { entryTime } from '../entry-time.js';
import type { ContainerKey, EncodedEnvelope, Entry } from '../store.js';
import { encodeEntry } from './layout.js';

/** The newest entry, as far as the next one depends on it. */
export interface Head {
  readonly last: number;
  readonly storedAt: bigint;
  readonly reached: bigint;
}

export const EMPTY: Head = { last: 0, storedAt: 0n, reached: -(2n ** 63n) };

/** What one commit puts into the tables. */
export interface Batch {
  readonly head: Head;
  readonly rows: readonly Row[];
}

export interface Row {
  readonly entry: Entry;
  readonly stored: Buffer;
  readonly key: ContainerKey | undefined;
}

/** Makes the entries that follow `head`. `now` is the broker's time, which may have stepped back. */
export function encodeBatch(envelopes: readonly EncodedEnvelope[], head: Head, now: bigint): Batch {
  const storedAt = now > head.storedAt ? now : head.storedAt;
  let { last, reached } = head;
  const rows = envelopes.map(({ bytes, timestamp, key }) => {
    last += 1;
    const time = entryTime(timestamp, storedAt);
    if (time > reached) reached = time;
    const entry = { offset: last, storedAt, fingerprint: crc32(bytes), envelope: bytes };
    return { entry, stored: encodeEntry(entry, reached), key };
  });
  return { head: { last, storedAt, reached }, rows };
}
