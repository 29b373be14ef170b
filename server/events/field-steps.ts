/** Wire types. */
export const LENGTH_DELIMITED = 2;
const VARINT = 0;

/** Lengths of more bytes are left to complete decoders. */
const MOST_LENGTH_BITS = 28;

/**
 * Steps over the fields of a protobuf message without making anything of them, for messages that nearly always have the same
 * form: what has another is left to a complete decoder. One serves for a message and those inside it.
 */
export class FieldSteps {
  /** Where the next field is expected. */
  pos = 0;
  /** Where the content is of the length-delimited field that was stepped over last. */
  begin = 0;
  end = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** Steps over the next field, if it has this tag (of one byte), is a length-delimited one or a number, and ends by `limit`. */
  over(tag: number, limit: number): boolean {
    if (this.pos >= limit || this.bytes[this.pos] !== tag || tag >= 0x80 || tag < 8) return false;
    const wireType = tag & 7;
    if (wireType === LENGTH_DELIMITED) return this.#overContent(limit);
    return wireType === VARINT && this.#overNumber(limit);
  }

  #overContent(limit: number): boolean {
    let at = this.pos + 1;
    let length = 0;
    for (let bits = 0; ; bits += 7) {
      if (at >= limit || bits === MOST_LENGTH_BITS) return false;
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

  #overNumber(limit: number): boolean {
    let at = this.pos + 1;
    while (at < limit && (this.bytes[at] ?? 0) >= 0x80) at += 1;
    if (at >= limit) return false;
    this.pos = at + 1;
    return true;
  }

  /** Goes into the field that was stepped over last; returns where it ends. */
  into(): number {
    this.pos = this.begin;
    return this.end;
  }
}
