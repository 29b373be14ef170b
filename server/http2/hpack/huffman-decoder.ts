import { huffmanSteps, NO_BYTE, NO_NODE } from './huffman-code.js';

/** Bits of the shortest code. */
const SHORTEST_CODE = 5;
/** Longest text that is decoded into memory that stays allocated. */
const SCRATCH_BYTES = 8192;

/** Decodes texts in HPACK's Huffman code. One decoder serves all connections of a server. */
export class HuffmanDecoder {
  readonly #steps = huffmanSteps();
  readonly #scratch = Buffer.allocUnsafe(SCRATCH_BYTES);

  /** Returns the text as latin1, or undefined for bytes that are not in the code. */
  decode(bytes: Uint8Array, begin: number, end: number): string | undefined {
    const { nodes, bytes: symbols, accepting } = this.#steps;
    const longest = Math.floor(((end - begin) * 8) / SHORTEST_CODE) + 1;
    const text = longest <= SCRATCH_BYTES ? this.#scratch : Buffer.allocUnsafe(longest);
    let node = 0;
    let length = 0;
    for (let at = begin; at < end; at++) {
      const byte = bytes[at] ?? 0;
      let step = node * 16 + (byte >>> 4);
      node = nodes[step] ?? 0;
      if (node === NO_NODE) return undefined;
      if (symbols[step] !== NO_BYTE) text[length++] = symbols[step] ?? 0;
      step = node * 16 + (byte & 15);
      node = nodes[step] ?? 0;
      if (node === NO_NODE) return undefined;
      if (symbols[step] !== NO_BYTE) text[length++] = symbols[step] ?? 0;
    }
    return accepting[node] === 1 ? text.toString('latin1', 0, length) : undefined;
  }
}
