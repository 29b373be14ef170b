import { randomBytes } from 'node:crypto';
import { open, type Database, type RootDatabase } from 'lmdb';
import { ensureLockFileSpace } from '../guard/lock-file-space.js';

/*
 * The tables hold every entry but the newest, which the write-ahead log has until a checkpoint.
 *
 *     entries      first offset       → a block of consecutive rows, see block.ts
 *     exits        offset             → a row (row.ts); exits that outlast entries around them
 *     keys         namespace NUL id   → a number for each entry and kept exit, see key-index.ts
 *     dedupe0, 1   dedupe key         → a position, see dedupe-tables.ts
 *     meta         format, epoch, mark (the log's signature), owner, dedupe, indexed, sealed,
 *                  lost (lost-ranges.ts), rebuilding (index-check.ts), exits-bytes,
 *                  observed → texts
 *
 * Offsets used as keys are in lmdb's ordered binary form, so that they sort. All other numbers are
 * big-endian.
 */

/** Version of the stored format, kept in the table meta. */
export const FORMAT = '4';

/** Key in the table meta; only stores of earlier versions lack it. */
const SEALED_KEY = 'sealed';

export interface Tables {
  readonly root: RootDatabase;
  readonly entries: Database<Buffer, number>;
  readonly exits: Database<Buffer, number>;
  readonly keys: Database<number, Buffer>;
  readonly dedupe0: Database<Buffer, Buffer>;
  readonly dedupe1: Database<Buffer, Buffer>;
  readonly meta: Database<string, string>;
}

/**
 * Opened read-only, lmdb gives undefined for a table that does not exist, contrary to its types.
 */
export type ReadOnlyTables = Pick<Tables, 'root'> & {
  readonly [Name in Exclude<keyof Tables, 'root'>]: Tables[Name] | undefined;
};

/**
 * Options for the tables whose values are rows or blocks. lmdb reads each value into one large
 * buffer of its own. Its `binary` encoding then makes an ArrayBuffer for each, which costs more
 * than the rest of a read; this encoder copies small values into Node's shared pool instead.
 */
const ENTRY_TABLE_OPTIONS = {
  encoding: 'binary',
  // Takes precedence over `encoding`; lmdb's types do not declare it.
  encoder: {
    encode(row: Uint8Array): Uint8Array {
      return row;
    },

    /** @param shared lmdb's buffer, whose `length` lmdb sets to the value's before each call */
    decode(shared: Uint8Array): Buffer {
      const row = Buffer.allocUnsafe(shared.length);
      row.set(new Uint8Array(shared.buffer, shared.byteOffset, shared.length));
      return row;
    },
  },
} as const;

/** Length of the random signature that begins each record of the write-ahead log. */
export const SIGNATURE_BYTES = 8;

const LMDB_OPTIONS = {
  // Without overlap, a commit is flushed before it is visible and before its promise resolves.
  overlappingSync: false,
  // Checkpoints are large commits already, so waiting for more changes would only add latency.
  commitDelay: 0,
  eventTurnBatching: false,
  encoding: 'binary',
  // Otherwise lmdb takes a directory named like history.v2 for a file.
  noSubdir: false,
} as const;

/** Opens the tables in a directory, and creates those that are missing. */
export async function openTables(directory: string): Promise<Tables> {
  await ensureLockFileSpace(directory);
  const root = open({ ...LMDB_OPTIONS, path: directory });
  try {
    const tables = openDatabases(root);
    initializeHistory(tables.meta);
    return tables;
  } catch (error) {
    await root.close();
    throw error;
  }
}

/**
 * Gives a new history its epoch, in one transaction because another broker may be doing the same.
 */
function initializeHistory(meta: Database<string, string>): void {
  if (meta.get('format') !== undefined) return;
  meta.transactionSync(() => {
    if (meta.get('format') !== undefined) return;
    meta.putSync('epoch', randomBytes(8).toString('hex'));
    meta.putSync('mark', randomBytes(SIGNATURE_BYTES).toString('hex'));
    meta.putSync(SEALED_KEY, '1');
    meta.putSync('format', FORMAT);
  });
}

/** The rows of the table exits in the order of their keys, which may be no numbers by damage. */
export function* rawExits(root: RootDatabase): Iterable<Buffer> {
  const options = { ...ENTRY_TABLE_OPTIONS, keyEncoding: 'binary' } as const;
  for (const { value } of root.openDB<Buffer, Buffer>('exits', options).getRange({})) yield value;
}

/** Whether the store has had a seal, which must be there from then on. */
export function isSealed(meta: Pick<Tables['meta'], 'get'>): boolean {
  return meta.get(SEALED_KEY) !== undefined;
}

/** Records that the store has a seal from now on. */
export function markSealed(meta: Pick<Tables['meta'], 'get' | 'putSync'>): void {
  if (!isSealed(meta)) meta.putSync(SEALED_KEY, '1');
}

/** The signature of the records of the write-ahead log. */
export function logSignature(meta: Pick<Tables['meta'], 'get'> | undefined): Buffer {
  return Buffer.from(meta?.get('mark') ?? '', 'hex');
}

/** Opens the tables that an existing data file has, and changes nothing. */
export async function openReadOnly(directory: string): Promise<ReadOnlyTables> {
  await ensureLockFileSpace(directory);
  const root = open({ ...LMDB_OPTIONS, path: directory, readOnly: true });
  try {
    return openDatabases(root);
  } catch (error) {
    await root.close();
    throw error;
  }
}

function openDatabases(root: RootDatabase): Tables {
  return {
    root,
    entries: root.openDB('entries', ENTRY_TABLE_OPTIONS),
    exits: root.openDB('exits', ENTRY_TABLE_OPTIONS),
    keys: root.openDB('keys', {
      encoding: 'ordered-binary',
      keyEncoding: 'binary',
      dupSort: true,
    }),
    dedupe0: root.openDB('dedupe0', { encoding: 'binary', keyEncoding: 'binary' }),
    dedupe1: root.openDB('dedupe1', { encoding: 'binary', keyEncoding: 'binary' }),
    meta: root.openDB('meta', { encoding: 'string' }),
  };
}

export function rowCount(table: Pick<Database, 'getStats'>): number {
  return (table.getStats() as { entryCount: number }).entryCount;
}
