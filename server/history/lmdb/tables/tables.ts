import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { open, type Database, type RootDatabase } from 'lmdb';
import { ENTRY_ROWS } from './entry-rows.js';
import { MARK_BYTES } from '../journal/record.js';
import { FORMAT } from './row.js';
import { checkRoom } from '../guard/lock-file-space.js';

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

const OPTIONS = {
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
  await checkRoom(directory);
  const root = open({ ...OPTIONS, path: directory });
  try {
    const tables = openIn(root);
    nameHistory(tables.meta);
    return tables;
  } catch (error) {
    await root.close();
    throw error;
  }
}

/** Gives a new history its epoch. In one transaction, because another broker may be doing the same now. */
function nameHistory(meta: Database<string, string>): void {
  if (meta.get('format') !== undefined) return;
  meta.transactionSync(() => {
    if (meta.get('format') !== undefined) return;
    meta.putSync('epoch', randomBytes(8).toString('hex'));
    meta.putSync('mark', randomBytes(MARK_BYTES).toString('hex'));
    meta.putSync('format', FORMAT);
  });
}

/** The tables of an existing data file, as far as it has them. Changes nothing. */
export async function openReadOnly(directory: string): Promise<ReadOnlyTables> {
  await checkRoom(directory);
  const root = open({ ...OPTIONS, path: directory, readOnly: true });
  try {
    return openIn(root);
  } catch (error) {
    await root.close();
    throw error;
  }
}

function openIn(root: RootDatabase): Tables {
  return {
    root,
    entries: root.openDB('entries', ENTRY_ROWS),
    exits: root.openDB('exits', ENTRY_ROWS),
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
