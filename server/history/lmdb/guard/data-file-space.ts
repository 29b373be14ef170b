import { closeSync, fstatSync, openSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Tables } from '../tables/tables.js';

const MIB = 1024 * 1024;
/** With this much left on the disk, far more than any commit takes, there is no need to look more closely. */
const AMPLE_FREE_BYTES = 1024 * MIB;
/** The file grows by multiples of this. */
const GROWTH_STEP_BYTES = 64 * 1024;
/** Pages that any commit may change on its way: the upper levels of the trees, and the lists of free pages. */
const SPARE_PAGES = 32;

/**
 * Sees to it that a commit never finds the disk full: lmdb damages the process's memory when its write of a page fails. On a disk
 * that is nearly full, the data file is extended before the commit by ordinary writes, which fail in an ordinary way.
 */
export class DataFileSpace {
  readonly #file: number;

  constructor(
    private readonly directory: string,
    private readonly root: Tables['root'],
  ) {
    this.#file = openSync(join(directory, 'data.mdb'), 'r+');
  }

  /**
   * To be called before a commit. `pages` tells how many new ones it may take, and is asked only when that matters. Throws the
   * file system's error when there is no room.
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

/** Bytes of a key and its place in a page, at most. */
const ROW_OVERHEAD = 64;
const PAGE_SIZE = 4096;
const PAGE_HEADER = 24;
/** A container's offsets have a tree of their own once they are many. */
const PAGES_FOR_KEY = 3;

/**
 * How many pages these changes may take at most: small values share pages, which are half empty at worst, and a large one
 * has pages of its own.
 *
 * @param values sizes of what is put
 * @param keys how many containers are put under or removed from
 * @param others how many small rows are put or removed elsewhere
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

/** The part of what lmdb tells that is needed here; its types do not have it. */
interface Statistics {
  readonly pageSize: number;
  /** Of the last commit. */
  readonly lastPageNumber: number;
}
