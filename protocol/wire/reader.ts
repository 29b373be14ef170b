/** Protobuf's wire types of a number and of text, bytes or a message. */
const VARINT = 0;
export const LENGTH_DELIMITED = 2;

/** Longer lengths, of five bytes, are left to the generated decoders. */
const MAX_LENGTH_BITS = 28;

/** Numbers from here on are left to the generated decoders. */
const MAX_NUMBER = 2 ** 49;

/**
 * Steps over the fields of an encoded protobuf message in the order that encoders write them,
 * without making objects. It never throws: a field that is not the expected one stays unread, so a
 * caller that ends before the message does leaves the whole message to the generated decoder. One
 * reader serves a message and those nested in it.
 */
export class WireReader {
  readonly bytes: Buffer;
  /** Start of the next field. */
  pos = 0;
  /** Start of the content of the length-delimited field that was stepped over last. */
  begin = 0;
  /** End of that content. */
  end = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /**
   * Steps over the next field if it has this tag, is a number or length-delimited, and ends by
   * `limit`.
   */
  over(tag: number, limit: number): boolean {
    let at = this.pos;
    let rest = tag;
    for (; rest >= 0x80; rest >>>= 7) {
      if (this.bytes[at++] !== ((rest & 0x7f) | 0x80)) return false;
    }
    if (at >= limit || this.bytes[at] !== rest || tag < 8) return false;
    const wireType = tag & 7;
    if (wireType === LENGTH_DELIMITED) return this.#overContent(at + 1, limit);
    return wireType === VARINT && this.#overNumber(at + 1, limit);
  }

  #overContent(begin: number, limit: number): boolean {
    let at = begin;
    let length = 0;
    for (let bits = 0; ; bits += 7) {
      if (at >= limit || bits === MAX_LENGTH_BITS) return false;
      const byte = this.bytes[at++] ?? 0;
      length |= (byte & 0x7f) << bits;
      if (byte < 0x80) break;
    }
    if (length > limit - at) return false;
    this.begin = at;
    this.end = at + length;
    this.pos = this.end;
    return true;
  }

  #overNumber(begin: number, limit: number): boolean {
    let at = begin;
    while (at < limit && (this.bytes[at] ?? 0) >= 0x80) at += 1;
    if (at >= limit) return false;
    this.pos = at + 1;
    return true;
  }

  /**
   * Steps over the next field if it has this tag, below 128, and a value below 2^49; otherwise
   * returns 0.
   */
  number(tag: number, limit: number): number {
    if (this.pos >= limit || this.bytes[this.pos] !== tag) return 0;
    let value = 0;
    let at = this.pos + 1;
    for (let scale = 1; at < limit && scale < MAX_NUMBER; scale *= 0x80) {
      const byte = this.bytes[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte >= 0x80) continue;
      this.pos = at;
      return value;
    }
    return 0;
  }

  /** Enters the field that was stepped over last; returns where it ends. */
  into(): number {
    this.pos = this.begin;
    return this.end;
  }

  /** The field that was stepped over last as text, with U+FFFD for what is not UTF-8. */
  text(): string {
    return this.bytes.toString('utf8', this.begin, this.end);
  }

  /** The bytes of the field that was stepped over last, not copied. */
  content(): Buffer {
    return this.bytes.subarray(this.begin, this.end);
  }
}
