import { checkFileSystem, makeDirectory, restrictFiles } from './guard/file-system.js';
import { cutBack, damagedEnd, findHole } from './guard/hole.js';
import { inspect } from './guard/inspection.js';
import { hasMarker } from './guard/marker.js';
import { OpenAttempt } from './guard/open-attempt.js';
import { checkPathLength, Ownership } from './guard/ownership.js';
import { openError } from './guard/refusal.js';
import { LogFiles, missingLogFiles } from './journal/log-files.js';
import { logRecords } from './journal/recovery.js';
import { Seal } from './journal/seal.js';
import { isSealed, logSignature, openTables, type Tables } from './tables/tables.js';

/** The files of a store, open and owned by this process. */
export interface OpenedDirectory {
  readonly attempt: OpenAttempt;
  readonly tables: Tables;
  readonly ownership: Ownership;
  readonly logFiles: LogFiles;
  readonly logContents: readonly [Buffer, Buffer];
  readonly seal: Seal;
  /** Names of files of the log that were there once and are missing. */
  readonly missing: readonly string[];
  /** Whether a seal was written once. */
  readonly wasSealed: boolean;
  /** Damage that does not keep the store from opening, in sentences for an operator. */
  readonly problems: readonly string[];
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
    makeDirectory(directory);
    const attempt = (opened.attempt = OpenAttempt.begin(directory));
    // A store that was never created may have ended its process for want of memory maps.
    checkFileSystem(directory, attempt.deaths > (hasMarker(directory) ? 1 : 0));
    const problems = await inspect(directory, attempt.deaths);
    restrictFiles(directory);
    const tables = (opened.tables = await openTables(directory));
    const ownership = (opened.ownership = await Ownership.take(directory, tables.meta));
    const isOld = hasMarker(directory);
    const wasSealed = isOld && isSealed(tables.meta);
    const missing = isOld ? missingLogFiles(directory, wasSealed) : [];
    const logFiles = (opened.logFiles = await LogFiles.open(directory));
    const logContents = await logFiles.contents();
    const seal = (opened.seal = Seal.open(directory, logSignature(tables.meta)));
    cutBackTables(tables, logContents, seal);
    attempt.endLater();
    return {
      attempt,
      tables,
      ownership,
      logFiles,
      logContents,
      seal,
      missing,
      wasSealed,
      problems,
    };
  } catch (error) {
    await closeDirectory(opened);
    throw openError(directory, error);
  }
}

/**
 * Cuts the tables back to a hole, or to damage at their end, so that recovery continues from there.
 */
function cutBackTables(tables: Tables, logContents: readonly Buffer[], seal: Seal): void {
  // The inspection has made sure that the log has every entry from the hole on.
  const hole = findHole(tables.entries);
  if (hole !== undefined) cutBack(tables, hole.first);
  const end = damagedEnd(tables.entries);
  if (end === undefined) return;
  const signature = logSignature(tables.meta);
  const records = logContents.flatMap((file) => logRecords(file, signature));
  const last = Math.max(seal.found?.head.last ?? 0, ...records.map((record) => record.last));
  // Otherwise the end of the history is unknown, and the store is refused.
  if (last >= end) cutBack(tables, end);
}

/** Closes the files that are open, and gives up the ownership. */
export async function closeDirectory({
  attempt,
  tables,
  ownership,
  logFiles,
  seal,
}: Partial<OpenedDirectory>): Promise<void> {
  await logFiles?.close();
  seal?.close();
  ownership?.release();
  await tables?.root.close();
  attempt?.end();
}
