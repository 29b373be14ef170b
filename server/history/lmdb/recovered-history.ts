import type { Damage, StoreSettings } from '../store.js';
import type { OpenedDirectory } from './directory.js';
import { addLostRanges, lostRanges, type LostRanges } from './journal/lost-ranges.js';
import { recoverLog, type Recovery } from './journal/recovery.js';
import { SEAL_FILE } from './journal/seal.js';
import { headOf, type Head } from './tables/head.js';
import { logSignature, markSealed } from './tables/tables.js';

/** The log as its files have it, and the end of the history that follows from it. */
export interface RecoveredHistory extends Pick<Recovery, 'segments' | 'isRearranged'> {
  readonly signature: Buffer;
  /** All entries known as lost. */
  readonly lost: LostRanges;
  /** Sentences for the operator about the files of the log that are not as they were left. */
  readonly problems: readonly string[];
  /** The newest acknowledged entry, lost or not. */
  readonly head: Head;
}

/**
 * Recovers the log, records and reports the entries that are lost, and seals the newest
 * acknowledged entry.
 *
 * @param checkpointed the newest entry in the tables
 */
export function recoverHistory(
  directory: string,
  opened: OpenedDirectory,
  checkpointed: Head,
  { classify, onDamage }: Pick<StoreSettings, 'classify' | 'onDamage'>,
): RecoveredHistory {
  const {
    tables: { meta },
    logFiles,
    logContents,
    seal,
    missing,
  } = opened;
  const signature = logSignature(meta);
  const { segments, isRearranged, lost } = recoverLog({
    directory,
    contents: logContents,
    signature,
    isFileMissing: missing.length > 0,
    sealed: seal.found,
    checkpointed: checkpointed.last,
    lost: lostRanges(meta),
    classify,
  });
  const head = newestHead(segments, checkpointed, seal.found?.head);
  const problems = problemsOf(directory, opened, lost);
  const allLost = addLostRanges(meta, lost);
  lost.forEach(onDamage);
  seal.write(head, logFiles.sizes);
  markSealed(meta);
  return { segments, isRearranged, signature, lost: allLost, problems, head };
}

/** Sealed properties are certain, even if the row of the newest entry is damaged. */
function newestHead(
  segments: Recovery['segments'],
  checkpointed: Head,
  sealed: Head | undefined,
): Head {
  const records = segments.flatMap((segment) => segment.records);
  let found = checkpointed;
  for (const record of records) {
    const row = record.last > found.last ? record.row(record.last) : undefined;
    if (row !== undefined) found = headOf(row.offset, row.stored);
  }
  return sealed !== undefined && sealed.last >= found.last ? sealed : found;
}

function problemsOf(
  directory: string,
  { logContents, seal, missing, wasSealed }: OpenedDirectory,
  lost: readonly Damage[],
): string[] {
  const effect =
    lost.length > 0
      ? 'entries that only the log had are lost'
      : 'no acknowledged entry is known to be lost';
  const problems: string[] = [];
  if (missing.length > 0) {
    problems.push(`${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing`);
  }
  seal.found?.logSizes.forEach((size, i) => {
    const name = `journal-${i}`;
    const left = logContents[i]?.length ?? 0;
    if (lost.length === 0 || left >= size || missing.includes(name)) return;
    problems.push(`${name} was cut from ${size} to ${left} bytes`);
  });
  const isSealDamaged = seal.found === undefined && !missing.includes(SEAL_FILE);
  if (isSealDamaged && wasSealed) problems.push(`${SEAL_FILE} is damaged`);
  return problems.map((problem) => `${problem} in ${directory}: ${effect}`);
}
