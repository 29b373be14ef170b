/** A power of two, more than the topics, namespaces and types that are in use at a time. */
const SLOTS = 256;
/** Longer ones are not kept. */
const MOST_BYTES = 128;

interface Known {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/**
 * Decodes texts of which there are few that come again and again, such as topics: to find one that came lately takes a
 * comparison of its bytes, less than decoding it, and the text that is found is the very same string.
 */
export class RecentTexts {
  readonly #known = new Array<Known | undefined>(SLOTS).fill(undefined);

  /** The UTF-8 text from `begin` to `end`, with U+FFFD for what is no UTF-8. */
  read(bytes: Buffer, begin: number, end: number): string {
    const slot = slotOf(bytes, begin, end);
    const known = this.#known[slot];
    if (known !== undefined && isSame(known.bytes, bytes, begin, end)) return known.text;
    const text = bytes.toString('utf8', begin, end);
    if (end - begin <= MOST_BYTES) {
      this.#known[slot] = { bytes: Uint8Array.from(bytes.subarray(begin, end)), text };
    }
    return text;
  }
}

/** By the length and three bytes: names differ in those, and where they do not, one is decoded more often. */
function slotOf(bytes: Uint8Array, begin: number, end: number): number {
  const middle = (begin + end) >>> 1;
  const [a = 0, b = 0, c = 0] = [bytes[middle], bytes[end - 2], bytes[end - 1]];
  return (37 * (end - begin) + 11 * a + 5 * b + c) & (SLOTS - 1);
}

function isSame(known: Uint8Array, bytes: Uint8Array, begin: number, end: number): boolean {
  if (known.length !== end - begin) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[begin + i]) return false;
  return true;
}
