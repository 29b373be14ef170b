import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { SpoolTables } from './spool-tables.js';

/** Free pages behind the last one, so that a spool can be drained when the disk is full. */
const SPARE_PAGES = 64;
/** Bytes of a key and its entry in a page, at most. */
const ENTRY_OVERHEAD = 64;
/** The file grows by multiples of this many bytes. */
const GROWTH_BYTES = 64 * 1024;

/**
 * Prevents a commit on a full disk, because lmdb corrupts the process's memory when writing a page
 * fails. Extends the data file beforehand by ordinary writes behind its last page, which fail with
 * an ordinary error.
 */
export class SpoolFileSpace {
  readonly #file: number;

  constructor(
    directory: string,
    private readonly root: SpoolTables['root'],
  ) {
    this.#file = openSync(join(directory, 'data.mdb'), 'r+');
  }

  /**
   * Makes space for values of these sizes, none of which replaces another. Call it in a
   * transaction, which keeps other processes out, before the first put.
   *
   * @throws the file system's error when there is no space.
   */
  ensure(valueSizes: readonly number[]): void {
    const { pageSize, lastPageNumber } = this.root.getStats() as EnvironmentStats;
    const pages = valueSizes.reduce((sum, size) => sum + pagesFor(size, pageSize), SPARE_PAGES);
    const end = Math.ceil(((lastPageNumber + 1 + pages) * pageSize) / GROWTH_BYTES) * GROWTH_BYTES;
    let { size } = fstatSync(this.#file);
    while (size < end) {
      size += writeSync(
        this.#file,
        Buffer.alloc(Math.min(end - size, GROWTH_BYTES)),
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

/**
 * Pages for a value, at most: small values share pages that may be half empty, and a large one has
 * pages of its own with a header.
 */
function pagesFor(size: number, pageSize: number): number {
  const inTree = size + ENTRY_OVERHEAD;
  return inTree < pageSize / 4 ? (2 * inTree) / pageSize : 1 + Math.ceil(size / pageSize);
}

/** Fields of lmdb's statistics that its types lack. */
interface EnvironmentStats {
  readonly pageSize: number;
  /** Last page of the last commit. */
  readonly lastPageNumber: number;
}
