import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readLogFiles } from '../journal/log-files.js';
import { logRecords } from '../journal/recovery.js';
import { probeEnvironment } from '../../../../protocol/lmdb-probe.js';
import { checkDataFile } from './data-file.js';
import { coversHole, findHole } from './hole.js';
import { hasMarker } from './marker.js';
import { refusal, RESTORE_ADVICE } from './refusal.js';
import { FORMAT, logSignature, openReadOnly, type ReadOnlyTables } from '../tables/tables.js';

/**
 * Throws FAILED_PRECONDITION unless the directory holds an intact history of this version's format,
 * one that the write-ahead log can mend, or none yet. Changes nothing, because opening a foreign
 * store for writing would add tables to it. Returns what an operator must know of lesser damage.
 *
 * @param deaths processes in a row that died while they opened it
 */
export async function inspect(directory: string, deaths: number): Promise<readonly string[]> {
  const dataFile = join(directory, 'data.mdb');
  const marked = hasMarker(directory);
  if (!existsSync(dataFile)) {
    if (!marked) return [];
    throw refusal(directory, `its data.mdb is missing. ${RESTORE_ADVICE}`);
  }
  // A full disk leaves an empty file when the first attempt to create a history fails.
  if (!marked && statSync(dataFile).size === 0) return [];
  const problems = await checkDataFile(directory, dataFile, deaths > 0);
  if (deaths > 1) checkReadable(directory);
  const tables = await openReadOnly(directory);
  try {
    if (!isUnfinished(tables)) await checkHistory(directory, tables);
    else if (marked) throw refusal(directory, `its data.mdb is empty. ${RESTORE_ADVICE}`);
  } finally {
    await tables.root.close();
  }
  return problems;
}

/** Lets another process read the file, because some damage ends the process that reads it. */
function checkReadable(directory: string): void {
  const failure = probeEnvironment(directory);
  if (failure === undefined) return;
  throw refusal(directory, `its data.mdb cannot be read: ${failure}. ${RESTORE_ADVICE}`);
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

async function checkHistory(directory: string, tables: ReadOnlyTables): Promise<void> {
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
  await checkHole(directory, tables);
}

/** Refuses a hole in the tables unless the write-ahead log has the entries from there on. */
async function checkHole(directory: string, { entries, meta }: ReadOnlyTables): Promise<void> {
  const hole = entries && findHole(entries);
  if (hole === undefined) return;
  const records = (await readLogFiles(directory)).flatMap((file) =>
    logRecords(file, logSignature(meta)),
  );
  if (coversHole(hole, records)) return;
  throw refusal(
    directory,
    `it is damaged: entries are missing from offset ${hole.first} on, before entry ${hole.last}. ` +
      RESTORE_ADVICE,
  );
}
