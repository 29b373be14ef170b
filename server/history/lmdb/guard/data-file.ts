import { open, type FileHandle } from 'node:fs/promises';
import { isWithinFile } from './page-walk.js';
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
  pageSize: 48,
  freeRoot: 88,
  mainRoot: 136,
  lastPage: 144,
  transaction: 152,
} as const;
const META_BYTES = 160;

/** Throws FAILED_PRECONDITION when the file is foreign, damaged in its meta pages, or truncated. */
export async function checkDataFile(directory: string, path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    let newest = await newestMeta(file);
    for (;;) {
      if (newest === undefined) {
        const problem = 'is no LMDB file, or its first pages are damaged';
        throw refusal(directory, `its data.mdb ${problem}. ${RESTORE_ADVICE}`);
      }
      // Read after the meta pages, because an owner that is still writing makes the file grow.
      const { size } = await file.stat();
      const { pageSize, lastPage, roots, transaction } = newest;
      const expected = (lastPage + 1) * pageSize;
      if (size >= expected || isWithinFile({ fd: file.fd, pageSize, size }, roots)) return;
      newest = await newestMeta(file);
      // An owner that is still writing changes pages during the walk.
      if (newest?.transaction !== transaction) continue;
      throw refusal(
        directory,
        `its data.mdb was cut off: ${size} bytes where ${expected} were written. ${RESTORE_ADVICE}`,
      );
    }
  } finally {
    await file.close();
  }
}

interface Meta {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: bigint;
  /** Root pages of the tree of free pages and of the tree of tables. */
  readonly roots: readonly bigint[];
}

async function newestMeta(file: FileHandle): Promise<Meta | undefined> {
  const first = await readMeta(file, 0);
  const second = first && (await readMeta(file, first.pageSize));
  if (first === undefined || second === undefined) return undefined;
  return first.transaction > second.transaction ? first : second;
}

async function readMeta(file: FileHandle, position: number): Promise<Meta | undefined> {
  const page = Buffer.alloc(META_BYTES);
  const { bytesRead } = await file.read(page, 0, META_BYTES, position);
  if (bytesRead < META_BYTES || page.readUInt32LE(META_FIELDS.magic) !== MAGIC) return undefined;
  return {
    pageSize: page.readUInt32LE(META_FIELDS.pageSize),
    lastPage: Number(page.readBigUInt64LE(META_FIELDS.lastPage)),
    transaction: page.readBigUInt64LE(META_FIELDS.transaction),
    roots: [page.readBigUInt64LE(META_FIELDS.freeRoot), page.readBigUInt64LE(META_FIELDS.mainRoot)],
  };
}
