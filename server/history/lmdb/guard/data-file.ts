import { open, type FileHandle } from 'node:fs/promises';
import { readTree, type Tree } from './page-layout.js';
import { walkPages } from './page-walk.js';
import { refusal, RESTORE_ADVICE } from './refusal.js';

/*
 * LMDB maps its file into memory and trusts it. A foreign file then ends the process with a
 * segmentation fault, and a truncated one with a bus error. So both meta pages are checked first.
 *
 * Field offsets: MDB_page and MDB_meta in dependencies/lmdb/libraries/liblmdb/mdb.c of
 * https://github.com/kriszyp/lmdb-js.
 */
const MAGIC = 0xbeefc0de;
const META_FIELDS = {
  magic: 24,
  mapSize: 40,
  freeTree: 48,
  pageSize: 48,
  mainTree: 96,
  lastPage: 144,
  transaction: 152,
} as const;
const META_BYTES = 160;
const PAGE_SIZES = [256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536];
/** More than any store can have, because it is the address space of a process. */
const MAX_MAP_SIZE = 2 ** 47;

/** A larger file is checked completely only when there is a reason to doubt it. */
const SMALL_BYTES = 32 * 1024 * 1024;
/** Tables that are walked in any file. They are small: a page has dozens of blocks of entries. */
const SMALL_TABLES = ['entries', 'meta'];
/** Walks that another process may disturb by writing, until it is left to the owner's check. */
const MAX_WALKS = 20;

/**
 * Throws FAILED_PRECONDITION when the file is foreign or truncated, or when it has a page that LMDB
 * must not follow. Returns what an operator must know of lesser damage.
 *
 * @param isDoubtful whether every page is checked, however large the file is
 */
export async function checkDataFile(
  directory: string,
  path: string,
  isDoubtful: boolean,
): Promise<readonly string[]> {
  const file = await open(path, 'r');
  try {
    let newest = await newestMeta(file);
    for (let walks = 0; walks < MAX_WALKS; walks++) {
      if (newest === undefined) {
        // An owner that is still writing may have changed one page after the other was read.
        newest = await newestMeta(file);
        continue;
      }
      // Read after the meta pages, because an owner that is still writing makes the file grow.
      const { size } = await file.stat();
      const { pageSize, lastPage, trees, transaction } = newest;
      const expected = (lastPage + 1) * pageSize;
      const isComplete = isDoubtful || size <= SMALL_BYTES || size < expected;
      const { problem, disordered } = walkPages(
        { fd: file.fd, pageSize, size, transaction },
        trees,
        (name) => isComplete || SMALL_TABLES.includes(name),
      );
      if (problem === undefined) return disordered === undefined ? [] : [disorder(disordered)];
      newest = await newestMeta(file);
      // An owner that is still writing changes pages during the walk.
      if (newest?.transaction !== transaction) continue;
      if (size < expected && problem.isBeyondEnd === true) {
        const cut = `was cut off: ${size} bytes where ${expected} were written`;
        throw refusal(directory, `its data.mdb ${cut}. ${RESTORE_ADVICE}`);
      }
      const { page, text } = problem;
      throw refusal(
        directory,
        `its data.mdb is damaged: page ${page} of ${lastPage + 1} ${text}. ${RESTORE_ADVICE}`,
      );
    }
    if (newest !== undefined) return [];
    const problem = 'is no LMDB file, or its first pages are damaged';
    throw refusal(directory, `its data.mdb ${problem}. ${RESTORE_ADVICE}`);
  } finally {
    await file.close();
  }
}

function disorder(page: bigint): string {
  return (
    `page ${page} of data.mdb is damaged: its keys are not in order. ` +
    'The detection of duplicates may miss older entries'
  );
}

interface Meta {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: bigint;
  /** The tree of free pages and the tree of tables. */
  readonly trees: readonly [free: Tree, tables: Tree];
}

/** Undefined when a meta page is no such page, or when they do not belong together. */
async function newestMeta(file: FileHandle): Promise<Meta | undefined> {
  const first = await readMeta(file, 0);
  const second = first && (await readMeta(file, first.pageSize));
  if (first === undefined || second?.pageSize !== first.pageSize) return undefined;
  const age = first.transaction - second.transaction;
  // Each transaction writes the other one of the two pages.
  if (age > 1n || age < -1n) return undefined;
  // Both are of the same one until the first transaction: LMDB then takes the first page.
  return age >= 0n ? first : second;
}

async function readMeta(file: FileHandle, position: number): Promise<Meta | undefined> {
  const page = Buffer.alloc(META_BYTES);
  const { bytesRead } = await file.read(page, 0, META_BYTES, position);
  if (bytesRead < META_BYTES || page.readUInt32LE(META_FIELDS.magic) !== MAGIC) return undefined;
  const meta = {
    pageSize: page.readUInt32LE(META_FIELDS.pageSize),
    lastPage: Number(page.readBigUInt64LE(META_FIELDS.lastPage)),
    transaction: page.readBigUInt64LE(META_FIELDS.transaction),
    trees: [
      readTree(page, META_FIELDS.freeTree, undefined),
      readTree(page, META_FIELDS.mainTree, undefined),
    ] as const,
  };
  const mapSize = Number(page.readBigUInt64LE(META_FIELDS.mapSize));
  const isPossible =
    PAGE_SIZES.includes(meta.pageSize) &&
    mapSize <= MAX_MAP_SIZE &&
    (meta.lastPage + 1) * meta.pageSize <= MAX_MAP_SIZE;
  return isPossible ? meta : undefined;
}
