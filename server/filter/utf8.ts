import { isUtf8 } from 'node:buffer';

export const REPLACEMENT = '\uFFFD';

export interface Character {
  /** One code point; U+FFFD for a malformed byte. */
  readonly text: string;
  /** Bytes that it occupies. */
  readonly width: number;
}

/**
 * Decodes the character that starts at `offset`, which must lie within `bytes`. Malformed input is consumed one
 * byte at a time: the number of replacement characters in an error text depends on it.
 */
export function decodeCharacter(bytes: Uint8Array, offset: number): Character {
  const firstByte = bytes[offset] ?? 0;
  if (firstByte < 0x80) return { text: String.fromCharCode(firstByte), width: 1 };
  const width = sequenceWidth(firstByte);
  const sequence = bytes.subarray(offset, offset + width);
  if (sequence.length < width || !isUtf8(sequence)) return { text: REPLACEMENT, width: 1 };
  return { text: decodeValid(sequence), width };
}

/** Text of `bytes`, or undefined if they are not valid UTF-8. */
export function decodeStrict(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? decodeValid(bytes) : undefined;
}

/** Text of `bytes`, with U+FFFD for every byte that is not part of a valid sequence. */
export function decodeLossy(bytes: Uint8Array): string {
  return decodeStrict(bytes) ?? decodeEach(bytes, () => REPLACEMENT);
}

/** Text of `bytes` in which malformed bytes become lone surrogates: equal to no text that was decoded from UTF-8. */
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

// Unlike TextDecoder, this keeps a byte order mark.
function decodeValid(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

function sequenceWidth(firstByte: number): number {
  if (firstByte < 0xc0) return 1;
  if (firstByte < 0xe0) return 2;
  return firstByte < 0xf0 ? 3 : 4;
}
