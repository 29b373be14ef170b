import { closeSync, fstatSync, openSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Tables } from '../tables/tables.js';

const MIB = 1024 * 1024;
/** Free disk space that is far more than any commit takes, so nothing has to be reserved. */
const AMPLE_FREE_BYTES = 1024 * MIB;
/** The file is extended to a multiple of this. */
const GROWTH_STEP_BYTES = 64 * 1024;
/** Pages that any commit may rewrite: upper levels of the trees, and the lists of free pages. */
const SPARE_PAGES = 32;

/**
 * Reserves disk space for commits. LMDB corrupts the process's memory when writing a page fails, so
 * a commit must never find the disk full. On a disk that is nearly full, ordinary writes extend the
 * data file before the commit, and those fail with an ordinary error.
 */
export class DataFileSpace {
  readonly #file: number;

  constructor(
    private readonly directory: string,
    private readonly root: Pick<Tables['root'], 'getStats'>,
  ) {
    this.#file = openSync(join(directory, 'data.mdb'), 'r+');
  }

  /**
   * Reserves space for a commit; throws the file system's error when there is none. `pages` returns
   * the most pages that the commit may add, and is called only on a disk that is nearly full.
   */
  reserve(pages: () => number): void {
    const { bavail, bsize } = statfsSync(this.directory);
    if (bavail * bsize > AMPLE_FREE_BYTES) return;
    const { pageSize, lastPageNumber } = this.root.getStats() as Statistics;
    const needed = (SPARE_PAGES + pages()) * pageSize;
    const end =
      Math.ceil(((lastPageNumber + 1) * pageSize + needed) / GROWTH_STEP_BYTES) * GROWTH_STEP_BYTES;
    let { size } = fstatSync(this.#file);
    while (size < end) {
      size += writeSync(
        this.#file,
        Buffer.alloc(Math.min(end - size, GROWTH_STEP_BYTES)),
        0,
        null,
        size,
      );
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** Most bytes that a key and its header take in a page. */
const ROW_OVERHEAD = 64;
const PAGE_SIZE = 4096;
const PAGE_HEADER = 24;
/** The offsets of one key move to a tree of their own once they are many. */
const PAGES_FOR_KEY = 3;

/**
 * The most pages that a set of changes may take. Small values share pages, which are half empty at
 * worst; a large value has pages of its own.
 *
 * @param values sizes in bytes of the values that are put
 * @param keys number of distinct keys of the key index that change
 * @param others number of small rows that are put or removed elsewhere
 */
export function maxPages(values: readonly number[], keys: number, others: number): number {
  let bytes = others * 2 * ROW_OVERHEAD;
  let pages = keys * PAGES_FOR_KEY;
  for (const size of values) {
    bytes += ROW_OVERHEAD;
    if (size < PAGE_SIZE / 4) bytes += size;
    else pages += Math.ceil((size + PAGE_HEADER) / PAGE_SIZE);
  }
  return pages + Math.ceil((2 * bytes) / PAGE_SIZE);
}

/** The statistics used here, which lmdb's types do not declare. */
interface Statistics {
  readonly pageSize: number;
  /** As of the last commit. */
  readonly lastPageNumber: number;
}
