import { cutBack, findHole } from './guard/hole.js';
import { inspect } from './guard/inspection.js';
import { checkPathLength, Ownership } from './guard/ownership.js';
import { openError } from './guard/refusal.js';
import { LogFiles } from './journal/log-files.js';
import { openTables, type Tables } from './tables/tables.js';

/** The files of a store, open and owned by this process. */
export interface OpenedDirectory {
  readonly tables: Tables;
  readonly ownership: Ownership;
  readonly logFiles: LogFiles;
  readonly logContents: readonly [Buffer, Buffer];
}

/**
 * Checks a directory and opens its files, creating those that are missing. Throws
 * FAILED_PRECONDITION when the directory cannot be used, and INVALID_ARGUMENT when its path is too
 * long.
 */
export async function openDirectory(directory: string): Promise<OpenedDirectory> {
  const opened: { -readonly [Part in keyof OpenedDirectory]?: OpenedDirectory[Part] } = {};
  try {
    checkPathLength(directory);
    await inspect(directory);
    const tables = (opened.tables = await openTables(directory));
    const ownership = (opened.ownership = await Ownership.take(directory, tables.meta));
    const logFiles = (opened.logFiles = await LogFiles.open(directory));
    const logContents = await logFiles.contents();
    // The inspection has made sure that the log has every entry from the hole on.
    const hole = findHole(tables.entries);
    if (hole !== undefined) cutBack(tables, hole);
    return { tables, ownership, logFiles, logContents };
  } catch (error) {
    await closeDirectory(opened);
    throw openError(directory, error);
  }
}

/** Closes the files that are open, and gives up the ownership. */
export async function closeDirectory({
  tables,
  ownership,
  logFiles,
}: Partial<OpenedDirectory>): Promise<void> {
  await logFiles?.close();
  ownership?.release();
  await tables?.root.close();
}
