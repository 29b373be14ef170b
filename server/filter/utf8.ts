import { isUtf8 } from 'node:buffer';

export const REPLACEMENT = '\uFFFD';

export interface Character {
  /** One code point; U+FFFD for a malformed byte. */
  readonly text: string;
  /** Number of bytes that it occupies. */
  readonly width: number;
}

/**
 * Decodes the character at `offset`, which must lie within `bytes`. Consumes malformed input one
 * byte at a time, because containerd's error texts show one replacement character for each byte.
 */
export function decodeCharacter(bytes: Uint8Array, offset: number): Character {
  const firstByte = bytes[offset] ?? 0;
  if (firstByte < 0x80) return { text: String.fromCharCode(firstByte), width: 1 };
  const width = sequenceWidth(firstByte);
  const sequence = bytes.subarray(offset, offset + width);
  if (sequence.length < width || !isUtf8(sequence)) return { text: REPLACEMENT, width: 1 };
  return { text: decodeValid(sequence), width };
}

/** Text of `bytes`, or undefined for invalid UTF-8. */
export function decodeStrict(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? decodeValid(bytes) : undefined;
}

/** Text of `bytes`, with U+FFFD for every byte outside a valid sequence. */
export function decodeLossy(bytes: Uint8Array): string {
  return decodeStrict(bytes) ?? decodeEach(bytes, () => REPLACEMENT);
}

/** Text of `bytes` with lone surrogates for malformed bytes, so that it equals no valid text. */
export function decodeUnambiguous(bytes: Uint8Array): string {
  return decodeStrict(bytes) ?? decodeEach(bytes, (byte) => String.fromCharCode(0xdc00 + byte));
}

function decodeEach(bytes: Uint8Array, malformed: (byte: number) => string): string {
  let text = '';
  for (let offset = 0; offset < bytes.length;) {
    const character = decodeCharacter(bytes, offset);
    const isMalformed = character.text === REPLACEMENT && character.width === 1;
    text += isMalformed ? malformed(bytes[offset] ?? 0) : character.text;
    offset += character.width;
  }
  return text;
}

// Buffer.toString keeps a byte order mark, which TextDecoder would drop.
function decodeValid(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

function sequenceWidth(firstByte: number): number {
  if (firstByte < 0xc0) return 1;
  if (firstByte < 0xe0) return 2;
  return firstByte < 0xf0 ? 3 : 4;
}
