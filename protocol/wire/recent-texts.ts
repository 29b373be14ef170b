import type { WireReader } from './reader.js';

/** A power of two, more than the topics, namespaces and types in use at a time. */
const SLOTS = 256;
/** Longer texts are not kept. */
const MAX_BYTES = 128;

interface Known {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/**
 * A cache for decoding text fields that repeat, such as topics. Comparing the bytes with a recent
 * text costs less than decoding them, and repeated texts share one string.
 */
export class RecentTexts {
  readonly #known = new Array<Known | undefined>(SLOTS).fill(undefined);

  /** The field that the reader stepped over last, with U+FFFD for what is not UTF-8. */
  read({ bytes, begin, end }: WireReader): string {
    const slot = slotOf(bytes, begin, end);
    const known = this.#known[slot];
    if (known !== undefined && isSame(known.bytes, bytes, begin, end)) return known.text;
    const text = bytes.toString('utf8', begin, end);
    if (end - begin <= MAX_BYTES) {
      this.#known[slot] = { bytes: Uint8Array.from(bytes.subarray(begin, end)), text };
    }
    return text;
  }
}

/** Uses the length and three bytes, because names mostly differ in those. */
function slotOf(bytes: Uint8Array, begin: number, end: number): number {
  const middle = (begin + end) >>> 1;
  const a = bytes[middle] ?? 0;
  const b = bytes[end - 2] ?? 0;
  const c = bytes[end - 1] ?? 0;
  return (37 * (end - begin) + 11 * a + 5 * b + c) & (SLOTS - 1);
}

function isSame(known: Uint8Array, bytes: Uint8Array, begin: number, end: number): boolean {
  if (known.length !== end - begin) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[begin + i]) return false;
  return true;
}
