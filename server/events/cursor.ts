import { FoghornError } from '../../protocol/errors.js';
import { quotedExcerpt } from '../../protocol/excerpt.js';
import { CURSOR_LENGTH } from '../../protocol/wire/entry.js';

/** A position in a history: after the entry with this offset. */
export interface Position {
  readonly offset: number;
  readonly cursor: string;
}

/** The content of a cursor. */
export interface CursorParts {
  /** 16 hexadecimal digits. */
  readonly epoch: string;
  /** 0 is the position before the first entry. */
  readonly offset: number;
  /**
   * The entry's fingerprint (CRC-32), by which another entry at the offset is noticed; 0 at offset
   * 0.
   */
  readonly fingerprint: number;
}

/*
 * version u8 · epoch 8 bytes · offset u48 · fingerprint u32, big-endian, in base64url.
 * The first nine bytes are the same for a whole history, and nine bytes are twelve characters.
 */
const VERSION = 1;
const EPOCH = { at: 1, bytes: 8 } as const;
const OFFSET = { at: 9, bytes: 6 } as const;
const FINGERPRINT = { at: 15, bytes: 4 } as const;
const BYTES = 19;

const DIGITS = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');

/** Writes the cursors of one history. */
export class CursorWriter {
  readonly #prefix: Uint8Array;

  constructor(epoch: string) {
    const prefix = Buffer.concat([Buffer.of(VERSION), Buffer.from(epoch, 'hex')]);
    this.#prefix = Buffer.from(prefix.toString('base64url'));
  }

  /** URL-safe text, CURSOR_LENGTH characters. */
  cursor(offset: number, fingerprint: number): string {
    const text = Buffer.allocUnsafe(CURSOR_LENGTH);
    this.write(text, 0, offset, fingerprint);
    return text.toString('latin1');
  }

  /**
   * Writes the cursor's CURSOR_LENGTH bytes from `at` on. Encodes base64 by hand, because every
   * entry that is read has a cursor (decision 14).
   */
  write(into: Uint8Array, at: number, offset: number, fingerprint: number): void {
    into.set(this.#prefix, at);
    at += this.#prefix.length;
    // Three bytes make four digits; the last byte makes two.
    writeDigits(into, at, Math.floor(offset / 2 ** 24));
    writeDigits(into, at + 4, offset % 2 ** 24);
    writeDigits(into, at + 8, fingerprint >>> 8);
    into[at + 12] = digit((fingerprint >>> 2) & 63);
    into[at + 13] = digit((fingerprint & 3) << 4);
  }
}

function writeDigits(into: Uint8Array, at: number, bits: number): void {
  into[at] = digit(bits >>> 18);
  into[at + 1] = digit((bits >>> 12) & 63);
  into[at + 2] = digit((bits >>> 6) & 63);
  into[at + 3] = digit(bits & 63);
}

function digit(value: number): number {
  return DIGITS[value] ?? 0;
}

/** Throws INVALID_ARGUMENT for text that is not a cursor. */
export function parseCursor(cursor: string): CursorParts {
  const bytes = cursor.length === CURSOR_LENGTH ? Buffer.from(cursor, 'base64url') : undefined;
  // Decoding skips characters that are not base64, so the text is compared with its own encoding.
  if (bytes?.length !== BYTES || bytes[0] !== VERSION || bytes.toString('base64url') !== cursor) {
    throw new FoghornError(
      'INVALID_ARGUMENT',
      `${quotedExcerpt(cursor)} is not a cursor: expected the 26 characters that came with an entry`,
    );
  }
  return {
    epoch: bytes.toString('hex', EPOCH.at, EPOCH.at + EPOCH.bytes),
    offset: bytes.readUIntBE(OFFSET.at, OFFSET.bytes),
    fingerprint: bytes.readUInt32BE(FINGERPRINT.at),
  };
}
