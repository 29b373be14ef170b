/** Thrown for what a hand-written decoder leaves to the generated one. */
export const UNUSUAL = new Error('left to the generated decoder');

/** Encoded protobuf fields, from `at` on. */
export class WireBytes {
  at = 0;

  constructor(readonly bytes: Buffer) {}

  /** A varint below 2^49. */
  number(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 49; scale *= 0x80) {
      const byte = this.bytes[this.at];
      if (byte === undefined) break;
      this.at += 1;
      if (byte < 0x80) return value + byte * scale;
      value += (byte & 0x7f) * scale;
    }
    throw UNUSUAL;
  }

  /** Reads a field's length; gives where the field ends, which is not beyond `limit`. */
  fieldEnd(limit: number): number {
    const length = this.number();
    const end = this.at + length;
    if (end > limit) throw UNUSUAL;
    return end;
  }

  /** A field of bytes, not copied. */
  field(limit: number): Buffer {
    const end = this.fieldEnd(limit);
    const field = this.bytes.subarray(this.at, end);
    this.at = end;
    return field;
  }

  text(limit: number): string {
    const end = this.fieldEnd(limit);
    const text = this.bytes.toString('utf8', this.at, end);
    this.at = end;
    return text;
  }
}
