const PREFIX_BYTES = 5;

/** Counts gRPC messages in bytes as they come, and copies none of them. */
export class MessageCounter {
  count = 0;
  /** Of the message that is coming, what is still to come. */
  #left = 0;
  /** Of its prefix, what has come. */
  #prefix = 0;
  #length = 0;

  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, bytes.length - at);
        at += taken;
        this.#left -= taken;
        if (this.#left === 0) this.count += 1;
      } else if (this.#prefix === 0 && bytes.length - at >= PREFIX_BYTES) {
        this.#begin(bytes.readUInt32BE(at + 1));
        at += PREFIX_BYTES;
      } else this.#takePrefixByte(bytes[at++] ?? 0);
    }
  }

  #takePrefixByte(byte: number): void {
    // The first one says whether it is compressed, which it never is.
    if (this.#prefix > 0) this.#length = this.#length * 256 + byte;
    this.#prefix += 1;
    if (this.#prefix === PREFIX_BYTES) this.#begin(this.#length);
  }

  #begin(length: number): void {
    this.#prefix = 0;
    this.#length = 0;
    this.#left = length;
    if (length === 0) this.count += 1;
  }
}
