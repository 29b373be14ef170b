import type { BodyFraming } from './header-fields.js';

/** Finds the end of a body in bytes that pass by. */
export interface BodyScanner {
  readonly isComplete: boolean;
  /**
   * Returns how many of the bytes belong to the body.
   *
   * @throws BrokenMessage for bytes that do not follow the framing
   */
  scan(bytes: Buffer): number;
}

export function scannerOf(framing: BodyFraming): BodyScanner {
  switch (framing.kind) {
    case 'none':
      return new LengthScanner(0);
    case 'length':
      return new LengthScanner(framing.length);
    case 'chunked':
      return new ChunkScanner();
    case 'until close':
      return new LengthScanner(Infinity);
  }
}

class LengthScanner implements BodyScanner {
  constructor(private left: number) {}

  get isComplete(): boolean {
    return this.left === 0;
  }

  scan(bytes: Buffer): number {
    const count = Math.min(this.left, bytes.length);
    this.left -= count;
    return count;
  }
}

/** Longest line of a chunk's size or of a trailer, in bytes. */
const MAX_LINE_BYTES = 16 * 1024;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** A size of so many digits is exact in a number's 31 bits. */
const MAX_PLAIN_DIGITS = 7;
const SIZE_LINE = /^([0-9A-Fa-f]{1,12})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?\r\n$/;

/** Skips from chunk to chunk, without a look at their data. */
class ChunkScanner implements BodyScanner {
  #state: 'size' | 'data' | 'end of data' | 'trailers' | 'complete' = 'size';
  /** Bytes of the chunk that have not passed. */
  #left = 0;
  /** The beginning of a line that is not complete. */
  #line = '';

  get isComplete(): boolean {
    return this.#state === 'complete';
  }

  scan(bytes: Buffer): number {
    let offset = 0;
    while (offset < bytes.length && this.#state !== 'complete') {
      if (this.#state === 'data') offset = this.#skipData(bytes, offset);
      else if (this.#line !== '') offset = this.#takeLine(bytes, offset);
      else offset = this.#skipPlainLine(bytes, offset) ?? this.#takeLine(bytes, offset);
    }
    return offset;
  }

  /**
   * Skips the end of a chunk's data, or a size without extensions, where the whole line is there.
   * A text for each line would cost more than all else that is done for a chunk. Returns undefined
   * for any other line.
   */
  #skipPlainLine(bytes: Buffer, offset: number): number | undefined {
    switch (this.#state) {
      case 'end of data':
        if (!isLineEnd(bytes, offset)) return undefined;
        this.#state = 'size';
        return offset + 2;
      case 'size': {
        let size = 0;
        let end = offset;
        for (; end - offset <= MAX_PLAIN_DIGITS; end++) {
          const digit = hexDigit(bytes[end]);
          if (digit === undefined) break;
          size = size * 16 + digit;
        }
        const digits = end - offset;
        if (digits > MAX_PLAIN_DIGITS || size === 0 || !isLineEnd(bytes, end)) return undefined;
        this.#left = size;
        this.#state = 'data';
        return end + 2;
      }
      default:
        return undefined;
    }
  }

  #skipData(bytes: Buffer, offset: number): number {
    const count = Math.min(this.#left, bytes.length - offset);
    this.#left -= count;
    if (this.#left === 0) this.#state = 'end of data';
    return offset + count;
  }

  #takeLine(bytes: Buffer, offset: number): number {
    const feed = bytes.indexOf(LINE_FEED, offset);
    const end = feed < 0 ? bytes.length : feed + 1;
    this.#line += bytes.toString('latin1', offset, end);
    if (this.#line.length > MAX_LINE_BYTES) throw malformed();
    if (feed < 0) return end;
    const line = this.#line;
    this.#line = '';
    this.#take(line);
    return end;
  }

  #take(line: string): void {
    if (!line.endsWith('\r\n')) throw malformed();
    switch (this.#state) {
      case 'size': {
        const size = Number.parseInt(SIZE_LINE.exec(line)?.[1] ?? '', 16);
        if (Number.isNaN(size)) throw malformed();
        this.#left = size;
        this.#state = size === 0 ? 'trailers' : 'data';
        return;
      }
      case 'end of data':
        if (line !== '\r\n') throw malformed();
        this.#state = 'size';
        return;
      default:
        if (line === '\r\n') this.#state = 'complete';
    }
  }
}

function isLineEnd(bytes: Buffer, offset: number): boolean {
  return bytes[offset] === CARRIAGE_RETURN && bytes[offset + 1] === LINE_FEED;
}

function hexDigit(byte: number | undefined): number | undefined {
  if (byte === undefined) return undefined;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : undefined;
}

/** A message ended too early, or its bytes have no clear meaning. */
export class BrokenMessage extends Error {}

function malformed(): BrokenMessage {
  return new BrokenMessage('malformed chunked body');
}
