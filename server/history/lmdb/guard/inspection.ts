import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Block } from '../tables/block.js';
import { checkDataFile } from './data-file.js';
import type { StoredRow } from '../tables/row.js';
import { hasMarker } from './marker.js';
import { refusal, RESTORE_ADVICE } from './refusal.js';
import {
  FORMAT,
  openReadOnly,
  rowCount,
  type ReadOnlyTables,
  type Tables,
} from '../tables/tables.js';

/**
 * Throws FAILED_PRECONDITION unless the directory holds an intact history of this version's format,
 * or none yet. Changes nothing, because opening a foreign store for writing would add tables to it.
 */
export async function inspect(directory: string): Promise<void> {
  const dataFile = join(directory, 'data.mdb');
  const marked = hasMarker(directory);
  if (!existsSync(dataFile)) {
    if (!marked) return;
    throw refusal(directory, `its data.mdb is missing. ${RESTORE_ADVICE}`);
  }
  // A full disk leaves an empty file when the first attempt to create a history fails.
  if (!marked && statSync(dataFile).size === 0) return;
  await checkDataFile(directory, dataFile);
  const tables = await openReadOnly(directory);
  try {
    if (!isUnfinished(tables)) checkHistory(directory, tables);
    else if (marked) throw refusal(directory, `its data.mdb is empty. ${RESTORE_ADVICE}`);
  } finally {
    await tables.root.close();
  }
}

/** Whether the process that was creating the history ended before it had recorded the format. */
function isUnfinished({ root, ...tables }: ReadOnlyTables): boolean {
  const ours = Object.values(tables).filter((table) => table !== undefined);
  const all = [...root.getKeys()];
  return (
    all.length === ours.length &&
    ours.every((table) => [...table.getKeys({ limit: 1 })].length === 0)
  );
}

function checkHistory(directory: string, tables: ReadOnlyTables): void {
  const format = tables.meta?.get('format');
  if (format === undefined) {
    throw refusal(directory, 'it is an LMDB store of something else. Choose another directory');
  }
  if (format !== FORMAT) {
    throw refusal(
      directory,
      `its format is ${JSON.stringify(format)} and this version of Foghorn knows format ${FORMAT}. ` +
        'Use the version that wrote it',
    );
  }
  for (const [name, table] of Object.entries(tables)) {
    if (table !== undefined) continue;
    throw refusal(directory, `it is damaged: its table ${name} is missing. ${RESTORE_ADVICE}`);
  }
  if (tables.entries !== undefined) checkDense(directory, tables.entries);
}

/** Blocks are numbered, so the first and the last one say how many there must be. */
function checkDense(directory: string, entries: Tables['entries']): void {
  const [first] = [...entries.getRange({ limit: 1 })].map(blockOf);
  const [last] = [...entries.getRange({ limit: 1, reverse: true })].map(blockOf);
  if (first === undefined || last === undefined) return;
  if (rowCount(entries) !== last.number - first.number + 1) {
    throw refusal(
      directory,
      `it is damaged: between offsets ${first.first} and ${last.end - 1} entries are missing. ${RESTORE_ADVICE}`,
    );
  }
}

function blockOf({ key, value }: StoredRow): Block | undefined {
  return Block.decode(key, value);
}
