/** Bits of each byte's code, and of EOS (RFC 7541, appendix B). The code is canonical. */
// prettier-ignore
const CODE_LENGTHS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
  28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
  5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7,
  7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7,
  7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
  24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21,
  23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24,
  21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
  26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
];
const EOS = 256;
/** Inner nodes of the code's tree: one fewer than its 257 leaves. */
const NODES = 256;

/** In place of a node: the bits are no code. EOS within a text is an error, too. */
export const NO_NODE = 0xffff;
/** In place of a byte: the bits complete none. */
export const NO_BYTE = 0x100;

/** A table that decodes four bits at a time. `node * 16 + bits` is the index of a step. */
export interface HuffmanSteps {
  /** The node of the code's tree after four bits. */
  readonly nodes: Uint16Array;
  /** The byte that they complete. */
  readonly bytes: Uint16Array;
  /** 1 for a node at which a text may end: fewer than eight bits of padding, all ones. */
  readonly accepting: Uint8Array;
}

export function huffmanSteps(): HuffmanSteps {
  const children = codeTree();
  const nodes = new Uint16Array(NODES * 16);
  const bytes = new Uint16Array(NODES * 16);
  for (let node = 0; node < NODES; node++) {
    for (let bits = 0; bits < 16; bits++) {
      const step = stepFrom(children, node, bits);
      nodes[node * 16 + bits] = step.node;
      bytes[node * 16 + bits] = step.byte;
    }
  }
  return { nodes, bytes, accepting: acceptingNodes(children) };
}

/** Children of each node at `2 * node + bit`: another node, or the complement of a symbol. */
function codeTree(): Int32Array {
  const children = new Int32Array(2 * NODES);
  const symbols = CODE_LENGTHS.map((length, symbol) => ({ length, symbol }));
  symbols.sort((a, b) => a.length - b.length || a.symbol - b.symbol);
  let nodes = 1;
  let code = 0;
  let codeLength = 0;
  for (const { length, symbol } of symbols) {
    code <<= length - codeLength;
    codeLength = length;
    let node = 0;
    for (let bit = length - 1; bit > 0; bit--) {
      const at = 2 * node + ((code >>> bit) & 1);
      if (children[at] === 0) children[at] = nodes++;
      node = children[at] ?? 0;
    }
    children[2 * node + (code & 1)] = ~symbol;
    code += 1;
  }
  return children;
}

function stepFrom(
  children: Int32Array,
  begin: number,
  bits: number,
): { node: number; byte: number } {
  let node = begin;
  let byte = NO_BYTE;
  for (let bit = 3; bit >= 0; bit--) {
    const child = children[2 * node + ((bits >>> bit) & 1)] ?? 0;
    if (child >= 0) {
      node = child;
    } else if (~child === EOS) {
      return { node: NO_NODE, byte: NO_BYTE };
    } else {
      byte = ~child;
      node = 0;
    }
  }
  return { node, byte };
}

function acceptingNodes(children: Int32Array): Uint8Array {
  const accepting = new Uint8Array(NODES);
  let node = 0;
  for (let ones = 0; ones < 8; ones++) {
    accepting[node] = 1;
    node = children[2 * node + 1] ?? 0;
  }
  return accepting;
}
