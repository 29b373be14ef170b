import { hash } from 'node:crypto';
import { nameBytes } from '../../protocol/wire/name-bytes.js';

/*
 * Keys by which a store recognizes that an envelope was appended before. Those of forwarded
 * envelopes begin with the time, so that a store with sorted keys adds new ones near the last.
 */

const FORWARDED = 1;
const PUBLISHED = 2;
const DIGEST_BYTES = 16;

const TWO_TO_64 = 1n << 64n;
const TWO_TO_80 = 1n << 80n;

/**
 * The key of a forwarded envelope: its time, and a digest of its bytes, which must be encoded in
 * the same way each time.
 */
export function forwardedKey(timestamp: bigint, bytes: Uint8Array): Buffer {
  const key = Buffer.allocUnsafe(1 + 12 + DIGEST_BYTES);
  key[0] = FORWARDED;
  writeSortable(key, timestamp);
  // As text, because Node takes twice as long to make the buffer of a digest as to compute it.
  key.write(hash('sha256', bytes, 'binary'), 13, DIGEST_BYTES, 'latin1');
  return key;
}

/**
 * Writes a time in 96 bits after the kind of a key. Nanoseconds of the years 1 to 9999 need more
 * than 64 bits; an offset of 2⁸⁰ makes all times positive.
 */
function writeSortable(key: Buffer, timestamp: bigint): void {
  const view = new DataView(key.buffer, key.byteOffset, key.length);
  // The low 64 bits of a time from 1970 on are the time itself, up to the year 2554.
  const isOrdinary = timestamp >= 0n && timestamp < TWO_TO_64;
  view.setUint32(1, isOrdinary ? 2 ** 16 : Number(((timestamp + TWO_TO_80) >> 64n) & 0xffff_ffffn));
  view.setBigUint64(5, isOrdinary ? timestamp : timestamp & 0xffff_ffff_ffff_ffffn);
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
