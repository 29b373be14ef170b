/*
 * The layout of the pages of an LMDB file. Field offsets: MDB_page, MDB_node, MDB_ovpage and MDB_db
 * in dependencies/lmdb/libraries/liblmdb/mdb.c of https://github.com/kriszyp/lmdb-js.
 */
const PAGE = { transaction: 8, flags: 18, lower: 20, upper: 22, header: 24 } as const;
const BRANCH = 0x01;
const LEAF = 0x02;
const SUB_PAGE = 0x40;
/** Flags that are not left on a written page. */
const KNOWN_FLAGS = BRANCH | LEAF | SUB_PAGE;

const NODE = { flags: 4, keySize: 6, key: 8 } as const;
const ON_OTHER_PAGES = 0x01;
const IS_TREE = 0x02;
const HAS_DUPLICATES = 0x04;
const MAX_KEY_BYTES = 1978;

/** Lengths in the tree of free pages: of a key, a transaction, and of a page number or a count. */
const FREE_LIST = { key: 8, id: 8 } as const;

const OVERFLOW = { first: 0, pages: 16, bytes: 24 } as const;

/** Offsets of MDB_db. */
const TREE = {
  depth: 6,
  branchPages: 8,
  leafPages: 16,
  overflowPages: 24,
  entries: 32,
  root: 40,
  bytes: 48,
} as const;
/** LMDB's own limit is 32 levels. */
const MAX_DEPTH = 32;

/** A tree as LMDB describes it (MDB_db). */
export interface Tree {
  /** Undefined for the two trees of the meta page. */
  readonly name: string | undefined;
  readonly root: bigint;
  readonly depth: number;
  readonly branchPages: bigint;
  readonly leafPages: bigint;
  readonly overflowPages: bigint;
  readonly entries: bigint;
}

/** Root page number of an empty tree. */
export const EMPTY_TREE = 2n ** 64n - 1n;

/** The references of a node. */
export interface PageNode {
  /** Page number of the branch's child. */
  readonly child?: bigint;
  readonly tree?: Tree;
  readonly overflow?: { readonly first: bigint; readonly pages: bigint };
  /** Values under the key, in a leaf. */
  readonly values: bigint;
}

/** Decodes MDB_db at an offset. */
export function readTree(bytes: Buffer, at: number, name: string | undefined): Tree {
  return {
    name,
    depth: bytes.readUInt16LE(at + TREE.depth),
    branchPages: bytes.readBigUInt64LE(at + TREE.branchPages),
    leafPages: bytes.readBigUInt64LE(at + TREE.leafPages),
    overflowPages: bytes.readBigUInt64LE(at + TREE.overflowPages),
    entries: bytes.readBigUInt64LE(at + TREE.entries),
    root: bytes.readBigUInt64LE(at + TREE.root),
  };
}

/** A clause that says what is wrong with a page's header, if anything. */
export function problemOfPage(
  page: Buffer,
  number: bigint,
  isBranch: boolean,
  newest: bigint,
): string | undefined {
  if (page.readBigUInt64LE(0) !== number) return 'has the number of another page';
  if (page.readBigUInt64LE(PAGE.transaction) > newest) return 'is of a transaction to come';
  const kind = isBranch ? BRANCH : LEAF;
  return page.readUInt16LE(PAGE.flags) === kind ? undefined : 'is not of the expected kind';
}

/**
 * A clause that says what is wrong with the lists of free pages in a leaf, if anything. The leaf's
 * nodes have no problem. LMDB ends the process when a list is longer than its value.
 */
export function problemOfFreeLists(page: Buffer): string | undefined {
  for (let i = 0; i < page.readUInt16LE(PAGE.lower) / 2; i++) {
    const at = PAGE.header + page.readUInt16LE(PAGE.header + 2 * i);
    if (keyAt(page, at)?.length !== FREE_LIST.key) return 'has a key of a wrong length';
    if ((page.readUInt16LE(at + NODE.flags) & ON_OTHER_PAGES) !== 0) continue;
    const size = page.readUInt32LE(at);
    const data = at + NODE.key + FREE_LIST.key;
    const ids = size < FREE_LIST.id ? undefined : page.readBigUInt64LE(data);
    const isWithin = ids !== undefined && (ids + 1n) * BigInt(FREE_LIST.id) <= BigInt(size);
    if (!isWithin) return 'has a list of free pages that is longer than its value';
  }
  return undefined;
}

/** A clause that says what is wrong with a page's nodes, if anything. Adds them to `nodes`. */
export function problemOfNodes(
  page: Buffer,
  isBranch: boolean,
  nodes: PageNode[],
): string | undefined {
  const lower = page.readUInt16LE(PAGE.lower);
  const upper = page.readUInt16LE(PAGE.upper);
  const isLaidOut = lower % 2 === 0 && lower > 0 && lower <= upper;
  if (!isLaidOut || PAGE.header + upper > page.length) return 'has impossible limits';
  for (let i = 0; i < lower / 2; i++) {
    const start = page.readUInt16LE(PAGE.header + 2 * i);
    const at = PAGE.header + start;
    const key = start < upper ? undefined : keyAt(page, at);
    if (key === undefined) return 'has a key outside of it';
    if (isBranch) {
      nodes.push({ child: BigInt(page.readUIntLE(at, 6)), values: 0n });
      continue;
    }
    // LMDB takes it for the end of a table, and a list of free pages with it ends the process.
    if (key.length === 0) return 'has an empty key';
    const node = leafNode(page, at, key);
    if (node === undefined) return 'has a value outside of it';
    nodes.push(node);
  }
  return undefined;
}

/** Whether the keys rise, on a page whose nodes have no problem. */
export function isInOrder(page: Buffer, isBranch: boolean): boolean {
  let before: Buffer | undefined;
  // The first key of a branch is not used.
  for (let i = isBranch ? 1 : 0; i < page.readUInt16LE(PAGE.lower) / 2; i++) {
    const key = keyAt(page, PAGE.header + page.readUInt16LE(PAGE.header + 2 * i));
    if (key === undefined) return false;
    const rises = before === undefined || Buffer.compare(before, key) < 0 || isNumeric(before, key);
    if (!rises) return false;
    before = key;
  }
  return true;
}

function keyAt(page: Buffer, at: number): Buffer | undefined {
  if (at + NODE.key > page.length) return undefined;
  const size = page.readUInt16LE(at + NODE.keySize);
  const end = at + NODE.key + size;
  return size > MAX_KEY_BYTES || end > page.length ? undefined : page.subarray(at + NODE.key, end);
}

/** The list of free pages has transaction numbers as keys, in the machine's order of bytes. */
function isNumeric(before: Buffer, key: Buffer): boolean {
  return (
    before.length === 8 && key.length === 8 && before.readBigUInt64LE(0) < key.readBigUInt64LE(0)
  );
}

/** Returns undefined when its value does not lie within the page. */
function leafNode(page: Buffer, at: number, key: Buffer): PageNode | undefined {
  const flags = page.readUInt16LE(at + NODE.flags);
  const size = page.readUInt32LE(at);
  const data = at + NODE.key + key.length;
  if ((flags & ~(ON_OTHER_PAGES | IS_TREE | HAS_DUPLICATES)) !== 0) return undefined;
  if ((flags & ON_OTHER_PAGES) !== 0) return overflowNode(page, data, size);
  if (data + size > page.length) return undefined;
  if ((flags & IS_TREE) !== 0) return treeNode(page, data, size, flags, key);
  if ((flags & HAS_DUPLICATES) !== 0) {
    const values = valuesInSubPage(page.subarray(data, data + size));
    return values === undefined ? undefined : { values };
  }
  return { values: 1n };
}

function overflowNode(page: Buffer, data: number, size: number): PageNode | undefined {
  if (data + OVERFLOW.bytes > page.length) return undefined;
  const pages = page.readBigUInt64LE(data + OVERFLOW.pages);
  const needed = BigInt(Math.floor((PAGE.header - 1 + size) / page.length) + 1);
  if (pages !== needed) return undefined;
  const first = page.readBigUInt64LE(data + OVERFLOW.first);
  return { overflow: { first, pages }, values: 1n };
}

function treeNode(
  page: Buffer,
  data: number,
  size: number,
  flags: number,
  key: Buffer,
): PageNode | undefined {
  if (size !== TREE.bytes) return undefined;
  // A tree of the duplicates of a key belongs to the table that it is in.
  const name = (flags & HAS_DUPLICATES) === 0 ? key.toString() : undefined;
  const tree = readTree(page, data, name);
  const isEmpty = tree.root === EMPTY_TREE;
  if (!isEmpty && (tree.depth === 0 || tree.depth > MAX_DEPTH)) return undefined;
  return { tree, values: name === undefined ? tree.entries : 1n };
}

/** The number of values in a small page within a node; undefined when it is not laid out as one. */
function valuesInSubPage(bytes: Buffer): bigint | undefined {
  if (bytes.length < PAGE.header) return undefined;
  const flags = bytes.readUInt16LE(PAGE.flags);
  if ((flags & ~KNOWN_FLAGS) !== 0 || (flags & SUB_PAGE) === 0) return undefined;
  const nodes: PageNode[] = [];
  return problemOfNodes(bytes, false, nodes) === undefined ? BigInt(nodes.length) : undefined;
}
