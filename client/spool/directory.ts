import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { FoghornError } from '../../protocol/errors.js';

/** Where LMDB keeps its magic number: in the header of the first page, after the page's own. */
const MAGIC = 0xbeefc0de;
const MAGIC_AT = 24;
/** Both header pages, at LMDB's smallest page size. */
const SMALLEST_FILE = 2 * 256;
/** More than LMDB's lock file and the data file of a spool that was never used. */
const ENOUGH = 64 * 1024;

/** Why a directory is not used as a spool; `reason` says what to do, without its full stop. */
export function refusal(directory: string, reason: string, options?: ErrorOptions): FoghornError {
  const text = `cannot use the spool in ${directory}: ${reason}.`;
  return new FoghornError('FAILED_PRECONDITION', text, options);
}

/**
 * Makes the directory, for its owner alone, if it is not there, and makes sure that LMDB may be let loose in it: LMDB maps its
 * files into memory, where a foreign file or a full disk is the end of the process instead of an error.
 *
 * @throws FoghornError FAILED_PRECONDITION, or the file system's error.
 */
export function prepareDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const size = statSync(join(directory, 'data.mdb'), { throwIfNoEntry: false })?.size ?? 0;
  // What a full disk leaves of the first attempt to make a spool is empty.
  if (size > 0) checkDataFile(directory, size);
  if (size < ENOUGH) checkRoom(directory);
}

function checkDataFile(directory: string, size: number): void {
  const page = Buffer.alloc(MAGIC_AT + 4);
  const file = openSync(join(directory, 'data.mdb'), 'r');
  readSync(file, page, 0, page.length, 0);
  closeSync(file);
  if (size >= SMALLEST_FILE && page.readUInt32LE(MAGIC_AT) === MAGIC) return;
  throw refusal(directory, 'its data.mdb is not of a spool; give another directory');
}

function checkRoom(directory: string): void {
  const path = join(directory, `room-${process.pid}`);
  const file = openSync(path, 'w', 0o600);
  try {
    writeFileSync(file, Buffer.alloc(ENOUGH));
    fsyncSync(file);
  } finally {
    closeSync(file);
    rmSync(path, { force: true });
  }
}
