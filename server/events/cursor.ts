import { FoghornError } from '../../protos/errors.js';

/** A place in a history: after the entry with this offset. */
export interface Place {
  /** 16 hexadecimal digits. */
  readonly epoch: string;
  /** 0 is the place before the first entry. */
  readonly offset: number;
  /** The entry's fingerprint (CRC-32), which tells whether it is still the same entry; 0 at offset 0. */
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

/** Writes the cursors of one history. */
export class CursorWriter {
  readonly #prefix: string;

  constructor(epoch: string) {
    this.#prefix = Buffer.concat([Buffer.of(VERSION), Buffer.from(epoch, 'hex')]).toString(
      'base64url',
    );
  }

  /** URL-safe text, 26 characters. */
  cursor(offset: number, fingerprint: number): string {
    const place = Buffer.allocUnsafe(OFFSET.bytes + FINGERPRINT.bytes);
    place.writeUIntBE(offset, 0, OFFSET.bytes);
    place.writeUInt32BE(fingerprint, OFFSET.bytes);
    return this.#prefix + place.toString('base64url');
  }
}

/** Throws INVALID_ARGUMENT for text that is no cursor. */
export function parseCursor(cursor: string): Place {
  const bytes = Buffer.from(cursor, 'base64url');
  // Decoding skips what is not base64, so the text must come out the same again.
  if (bytes.length !== BYTES || bytes[0] !== VERSION || bytes.toString('base64url') !== cursor) {
    throw new FoghornError(
      'INVALID_ARGUMENT',
      `${JSON.stringify(cursor.slice(0, 80))} is not a cursor: expected the 26 characters that came with an entry`,
    );
  }
  return {
    epoch: bytes.toString('hex', EPOCH.at, EPOCH.at + EPOCH.bytes),
    offset: bytes.readUIntBE(OFFSET.at, OFFSET.bytes),
    fingerprint: bytes.readUInt32BE(FINGERPRINT.at),
  };
}
