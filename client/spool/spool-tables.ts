import type { Database, RootDatabase } from 'lmdb';
import { FoghornError } from '../../protocol/errors.js';
import { checkDirectory, unusable } from './check-directory.js';
import { refusal } from './directory.js';

/** Version of the tables and of their format. */
const FORMAT = 1;

const TABLES = ['events', 'meta'];

export interface SpoolTables {
  readonly root: RootDatabase<Buffer, string>;
  /** Number → encoded containerd.types.Envelope. */
  readonly events: Database<Buffer, number>;
  /**
   * `format`; `next`: number of the next event, never reused; `bytes`: total size of the envelopes.
   */
  readonly meta: Database<number, string>;
}

/**
 * Opens the tables of a spool and creates missing ones. Imports LMDB here, so that a client without
 * a spool never loads it.
 *
 * @throws FoghornError FAILED_PRECONDITION when the directory cannot be used; the text says what to
 * do.
 */
export async function openSpoolTables(directory: string): Promise<SpoolTables> {
  let root: SpoolTables['root'] | undefined;
  try {
    checkDirectory(directory);
    const { open } = await importLmdb(directory);
    root = open<Buffer, string>({
      path: directory,
      // Without this, LMDB would take a directory called spool.v2 for a file.
      noSubdir: false,
      encoding: 'binary',
      // Makes a commit return only after its flush.
      overlappingSync: false,
    });
    checkForeign(root, directory);
    const events = root.openDB<Buffer, number>('events', { encoding: 'binary' });
    const meta = root.openDB<number, string>('meta', { encoding: 'json' });
    checkFormat(meta, directory);
    // Clears readers of killed processes, which would keep freed pages from being reused.
    root.readerCheck();
    return { root, events, meta };
  } catch (error) {
    await root?.close();
    if (error instanceof FoghornError) throw error;
    throw unusable(directory, error as Error);
  }
}

/** The client's own package leaves the store of spools to those who use one. */
async function importLmdb(directory: string): Promise<typeof import('lmdb')> {
  try {
    return await import('lmdb');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const advice = 'it needs the package lmdb. Install it: npm install lmdb';
    throw refusal(directory, advice, { cause: error });
  }
}

/**
 * Runs before anything is written, because the directory may be foreign, such as a broker's store.
 */
function checkForeign(root: SpoolTables['root'], directory: string): void {
  for (const name of root.getKeys()) {
    if (TABLES.includes(name)) continue;
    throw refusal(directory, 'it holds something else than a spool; give another directory');
  }
}

function checkFormat(meta: SpoolTables['meta'], directory: string): void {
  const format = meta.transactionSync(() => {
    const known = meta.get('format');
    if (known !== undefined) return known;
    meta.putSync('next', 1);
    meta.putSync('bytes', 0);
    meta.putSync('format', FORMAT);
    return FORMAT;
  });
  if (format === FORMAT) return;
  throw refusal(
    directory,
    `another version of Foghorn made it (format ${format}, expected ${FORMAT}); drain it with that version, or give another directory`,
  );
}
