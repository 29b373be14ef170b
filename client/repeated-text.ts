import type { WireBytes } from './wire-bytes.js';

/** Longer texts are not worth to be kept. */
const MAX_BYTES = 256;

/** A text field that is mostly the same as the last time: to compare it is cheaper than to make another string. */
export class RepeatedText {
  #bytes: Uint8Array = new Uint8Array();
  #text = '';

  read(wire: WireBytes, limit: number): string {
    const end = wire.fieldEnd(limit);
    if (!this.#isAt(wire, end)) {
      if (end - wire.at > MAX_BYTES) {
        const text = wire.bytes.toString('utf8', wire.at, end);
        wire.at = end;
        return text;
      }
      this.#bytes = Uint8Array.prototype.slice.call(wire.bytes, wire.at, end);
      this.#text = wire.bytes.toString('utf8', wire.at, end);
    }
    wire.at = end;
    return this.#text;
  }

  #isAt({ bytes, at }: WireBytes, end: number): boolean {
    const { length } = this.#bytes;
    if (length !== end - at) return false;
    for (let i = 0; i < length; i++) if (bytes[at + i] !== this.#bytes[i]) return false;
    return true;
  }
}
