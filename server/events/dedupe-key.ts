import { hash } from 'node:crypto';
import { nameBytes } from '../../protocol/wire/name-bytes.js';

/*
 * Keys by which a store recognizes that an envelope was appended before. Those of forwarded
 * envelopes begin with the time, so that a store with sorted keys adds new ones near the last.
 */

const FORWARDED = 1;
const PUBLISHED = 2;
const DIGEST_BYTES = 16;

/**
 * The key of a forwarded envelope: its time, and a digest of its bytes, which must be encoded in
 * the same way each time.
 */
export function forwardedKey(timestamp: bigint, bytes: Uint8Array): Buffer {
  const key = Buffer.allocUnsafe(1 + 12 + DIGEST_BYTES);
  key[0] = FORWARDED;
  // Nanoseconds of the years 1 to 9999 need more than 64 bits. The key has 96, with an offset that
  // makes all times positive.
  const sortable = timestamp + (1n << 80n);
  key.writeUInt32BE(Number((sortable >> 64n) & 0xffff_ffffn), 1);
  key.writeBigUInt64BE(sortable & 0xffff_ffff_ffff_ffffn, 5);
  key.set(hash('sha256', bytes, 'buffer').subarray(0, DIGEST_BYTES), 13);
  return key;
}

/** The longest publish id, in bytes. */
export const MAX_PUBLISH_ID_BYTES = 64;

/**
 * The key of a publication with a publish id. Neither the id nor the namespace may contain NUL.
 */
export function publishedKey(publishId: Uint8Array, namespace: string): Buffer {
  const space = nameBytes(namespace);
  const key = Buffer.allocUnsafe(2 + publishId.length + space.length);
  key[0] = PUBLISHED;
  key.set(publishId, 1);
  key[1 + publishId.length] = 0;
  key.set(space, 2 + publishId.length);
  return key;
}
