import { readSync } from 'node:fs';

/*
 * LMDB allocates pages at the end of its file, and does not write those that the same commit frees
 * again. So a file that is shorter than its last page number implies is intact as long as no page
 * in use lies beyond its end. This walk over all trees checks that.
 *
 * Field offsets: MDB_page, MDB_node, MDB_ovpage and MDB_db in
 * dependencies/lmdb/libraries/liblmdb/mdb.c of https://github.com/kriszyp/lmdb-js.
 */
const PAGE = { flags: 18, lower: 20, header: 24 } as const;
const BRANCH = 0x01;
const LEAF = 0x02;

const NODE = { flags: 4, keySize: 6, key: 8 } as const;
const ON_OTHER_PAGES = 0x01;
const IS_TREE = 0x02;

const OVERFLOW_PAGES = 16;
const TREE_ROOT = 40;
/** Root page number of an empty tree. */
const EMPTY_TREE = 2n ** 64n - 1n;

interface DataFile {
  readonly fd: number;
  readonly pageSize: number;
  /** In bytes. */
  readonly size: number;
}

/** Whether every page of the trees lies within the file and looks like a tree's page. */
export function isWithinFile(file: DataFile, roots: readonly bigint[]): boolean {
  const waiting = roots.filter((root) => root !== EMPTY_TREE);
  // A walk over more pages than the file has is going round in a circle.
  let left = file.size / file.pageSize;
  for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
    if (--left < 0) return false;
    const page = readPage(file, number);
    const references = page && referencesOf(page);
    if (references?.overflowEnds.every((end) => isIn(file, end)) !== true) return false;
    waiting.push(...references.pages);
  }
  return true;
}

function isIn({ pageSize, size }: DataFile, end: bigint): boolean {
  return end * BigInt(pageSize) <= BigInt(size);
}

/** Returns undefined for a page beyond the file's end, or one that is not a tree's page. */
function readPage(file: DataFile, number: bigint): Buffer | undefined {
  if (!isIn(file, number + 1n)) return undefined;
  const page = Buffer.alloc(file.pageSize);
  if (readSync(file.fd, page, 0, page.length, number * BigInt(page.length)) < page.length) {
    return undefined;
  }
  const isOfTree = (page.readUInt16LE(PAGE.flags) & (BRANCH | LEAF)) !== 0;
  return isOfTree && page.readBigUInt64LE(0) === number ? page : undefined;
}

interface References {
  readonly pages: bigint[];
  /** For each large value, one past its last page. */
  readonly overflowEnds: bigint[];
}

/** Returns undefined when the page is not laid out as a tree's page. */
function referencesOf(page: Buffer): References | undefined {
  const references: References = { pages: [], overflowEnds: [] };
  const isBranch = (page.readUInt16LE(PAGE.flags) & BRANCH) !== 0;
  const count = page.readUInt16LE(PAGE.lower) >> 1;
  try {
    for (let i = 0; i < count; i++) {
      const node = page.subarray(PAGE.header + page.readUInt16LE(PAGE.header + 2 * i));
      if (isBranch) references.pages.push(BigInt(node.readUIntLE(0, 6)));
      else addReferences(node, references);
    }
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return references;
}

function addReferences(leaf: Buffer, { pages, overflowEnds }: References): void {
  const flags = leaf.readUInt16LE(NODE.flags);
  const data = NODE.key + leaf.readUInt16LE(NODE.keySize);
  if ((flags & ON_OTHER_PAGES) !== 0) {
    overflowEnds.push(leaf.readBigUInt64LE(data) + leaf.readBigUInt64LE(data + OVERFLOW_PAGES));
  }
  if ((flags & IS_TREE) !== 0) {
    const root = leaf.readBigUInt64LE(data + TREE_ROOT);
    if (root !== EMPTY_TREE) pages.push(root);
  }
}
