import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { open, type Database, type RootDatabase } from 'lmdb';
import { ensureLockFileSpace } from '../guard/lock-file-space.js';

/** Version of the stored format, kept in the table meta. */
export const FORMAT = '4';

export interface Tables {
  readonly root: RootDatabase;
  readonly entries: Database<Buffer, number>;
  readonly exits: Database<Buffer, number>;
  readonly keys: Database<number, Buffer>;
  readonly dedupe0: Database<Buffer, Buffer>;
  readonly dedupe1: Database<Buffer, Buffer>;
  readonly meta: Database<string, string>;
}

/** Read-only, openDB gives undefined for a table that is not there, whatever its type says. */
export type ReadOnlyTables = Pick<Tables, 'root'> & {
  readonly [Name in Exclude<keyof Tables, 'root'>]: Tables[Name] | undefined;
};

/**
 * How lmdb is to open a table of entries: rows are bytes and stay what they are. It reads every row into one large buffer of its
 * own; its `binary` encoding then makes an ArrayBuffer for each, which costs more than all else of a read. Here small rows
 * share Node's pool.
 */
const ENTRY_TABLE_OPTIONS = {
  encoding: 'binary',
  // Goes before `encoding`; lmdb's types do not know it.
  encoder: {
    encode(row: Uint8Array): Uint8Array {
      return row;
    },

    /** @param shared only its `length` is the row's: lmdb sets that anew for each, and the array is longer */
    decode(shared: Uint8Array): Buffer {
      const row = Buffer.allocUnsafe(shared.length);
      row.set(new Uint8Array(shared.buffer, shared.byteOffset, shared.length));
      return row;
    },
  },
} as const;

export const SIGNATURE_BYTES = 8;

const LMDB_OPTIONS = {
  // Without overlapping, a commit is flushed before it is visible and before its promise resolves.
  overlappingSync: false,
  // What is settled is settled in large commits already; waiting for more here would only add latency.
  commitDelay: 0,
  eventTurnBatching: false,
  encoding: 'binary',
  // A directory may be called history.v2, which LMDB would take for a file's name.
  noSubdir: false,
} as const;

/** Opens the tables in a directory, and makes what is not there. */
export async function openTables(directory: string): Promise<Tables> {
  await mkdir(directory, { recursive: true, mode: 0o750 });
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

/** Gives a new history its epoch. In one transaction, because another broker may be doing the same now. */
function initializeHistory(meta: Database<string, string>): void {
  if (meta.get('format') !== undefined) return;
  meta.transactionSync(() => {
    if (meta.get('format') !== undefined) return;
    meta.putSync('epoch', randomBytes(8).toString('hex'));
    meta.putSync('mark', randomBytes(SIGNATURE_BYTES).toString('hex'));
    meta.putSync('format', FORMAT);
  });
}

/** The tables of an existing data file, as far as it has them. Changes nothing. */
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
