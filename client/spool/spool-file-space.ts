import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { SpoolTables } from './spool-tables.js';

/** Pages that stay free behind the last one, for removals: with them the spool can be drained however full the disk is. */
const SPARE_PAGES = 64;
/** Bytes of a key and its place in a page, at most. */
const ROW_OVERHEAD = 64;
/** The file grows by multiples of this. */
const STEP = 64 * 1024;

/**
 * Sees to it that a commit never finds the disk full: lmdb damages the process's memory when its write of a page fails. The data
 * file is extended before, by ordinary writes behind its last page, which fail in an ordinary way.
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
   * To be called within a transaction, which keeps other processes out, before it puts anything: makes
   * room for values of these sizes, none of it in place of others. Throws the file system's error when there is none.
   */
  ensure(valueSizes: readonly number[]): void {
    const { pageSize, lastPageNumber } = this.root.getStats() as EnvironmentStats;
    const pages = valueSizes.reduce((sum, size) => sum + pagesFor(size, pageSize), SPARE_PAGES);
    const end = Math.ceil(((lastPageNumber + 1 + pages) * pageSize) / STEP) * STEP;
    let { size } = fstatSync(this.#file);
    while (size < end) {
      size += writeSync(this.#file, Buffer.alloc(Math.min(end - size, STEP)), 0, null, size);
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** At most: small values share pages, which are half empty at worst; a large one has pages of its own, with a header. */
function pagesFor(size: number, pageSize: number): number {
  const inTree = size + ROW_OVERHEAD;
  return inTree < pageSize / 4 ? (2 * inTree) / pageSize : 1 + Math.ceil(size / pageSize);
}

/** The part of what lmdb tells that is needed here; its types do not have it. */
interface EnvironmentStats {
  readonly pageSize: number;
  /** Of the last commit. */
  readonly lastPageNumber: number;
}
