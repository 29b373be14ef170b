import { damagedAt } from '../../read-limit.js';
import type { Damage, StoreSettings } from '../../store.js';
import { refusal } from '../guard/refusal.js';
import type { LostRanges } from './lost-ranges.js';
import { firstOfDamaged, LogRecord } from './record.js';
import { salvage } from './salvage.js';
import type { LogSizes, Sealed } from './seal.js';
import type { RecoveredSegment } from './segment.js';

/** The facts from which the log is recovered. */
export interface LogRemains {
  readonly directory: string;
  readonly contents: readonly [Buffer, Buffer];
  readonly signature: Buffer;
  /** Whether a file of the log was missing. */
  readonly isFileMissing: boolean;
  readonly sealed: Sealed | undefined;
  /** Offset of the newest entry in the tables. */
  readonly checkpointed: number;
  /** Entries known as lost. */
  readonly lost: LostRanges;
  readonly classify: StoreSettings['classify'];
}

export interface Recovery {
  readonly segments: readonly [RecoveredSegment, RecoveredSegment];
  /** Acknowledged entries after the newest one in the tables that no file has. */
  readonly lost: LostRanges;
  /**
   * Whether the records in memory are not laid out as on the disk. They must all be checkpointed
   * before anything is appended.
   */
  readonly isRearranged: boolean;
}

/**
 * Finds the records that the tables lack in the log's files, and the entries that are lost.
 *
 * Every record was flushed before the next one was written, so a record that is missing before an
 * intact one was damaged later, or the files are copies from different times. Damage leaves traces:
 * bytes that are no intact record, or a file that is missing or shorter than sealed. Throws
 * FAILED_PRECONDITION when the records do not continue from the tables and nothing is damaged.
 */
export function recoverLog(remains: LogRemains): Recovery {
  const { contents, signature, checkpointed, sealed } = remains;
  const files = contents.map((file) => findPieces(file, signature));
  const live = files
    .flatMap((pieces, file) => pieces.map((piece) => ({ ...piece, file })))
    .filter((piece): piece is LivePiece => (piece.record?.last ?? 0) > checkpointed)
    .sort((a, b) => a.record.first - b.record.first);
  const records: LogRecord[] = [];
  const lost: Damage[] = [];
  const damaged = files.flat().filter(({ record }) => record === undefined);
  let next = checkpointed + 1;
  for (const piece of live) {
    const { first, last } = piece.record;
    // A checkpoint may have stored part of the oldest record.
    const isFirst = next === checkpointed + 1;
    if (first < next && !isFirst) throw discontinuity(remains, `entry ${first} is there twice`);
    if (first > next) {
      const gap = { first: next, last: first - 1 };
      const salvaged = salvageRange(gap, damaged, remains);
      const missing = uncovered(gap, salvaged, remains.lost);
      if (missing.length > 0 && !hasTraces(piece, damaged.length > 0, remains)) {
        const problem = `the entries between offsets ${next - 1} and ${first} are missing`;
        throw discontinuity(remains, problem);
      }
      records.push(...salvaged);
      lost.push(...missing);
    }
    records.push(piece.record);
    next = last + 1;
  }
  const end = sealed?.head.last ?? 0;
  if (end >= next) {
    const gap = { first: next, last: end };
    const salvaged = salvageRange(gap, damaged, remains);
    records.push(...salvaged);
    lost.push(...uncovered(gap, salvaged, remains.lost));
  }
  return { ...arrange(records, live), lost };
}

/** A part of a file that begins with the signature of a record. */
interface Piece {
  readonly bytes: Buffer;
  /** Undefined when it is torn or damaged. */
  readonly record: LogRecord | undefined;
  /** Whether an intact record, or the start of the file, is right before it. */
  readonly isAdjacent: boolean;
  /** Position in the file after it. */
  readonly end: number;
}

type LivePiece = Piece & { readonly record: LogRecord; readonly file: number };

interface MissingRange {
  readonly first: number;
  readonly last: number;
}

/** The records of a file, stale, torn and damaged ones included, in the order of the file. */
function findPieces(file: Buffer, signature: Buffer): Piece[] {
  const pieces: Piece[] = [];
  let covered = 0;
  for (let at = file.indexOf(signature); at !== -1;) {
    const record = LogRecord.in(file.subarray(at));
    const next = file.indexOf(signature, at + (record?.bytes.length ?? 1));
    const end = record === undefined ? next : at + record.bytes.length;
    const bytes = file.subarray(at, end === -1 ? undefined : end);
    pieces.push({ bytes, record, isAdjacent: at === covered, end });
    if (record !== undefined) covered = end;
    at = next;
  }
  return pieces;
}

/** All intact records of a file, stale ones included, in the order of the file. */
export function logRecords(file: Buffer, signature: Buffer): LogRecord[] {
  return findPieces(file, signature).flatMap(({ record }) => record ?? []);
}

/** The intact entries of the damaged record with which a gap begins. */
function salvageRange(
  gap: MissingRange,
  damaged: readonly Piece[],
  remains: LogRemains,
): LogRecord[] {
  const piece = damaged.find(({ bytes }) => firstOfDamaged(bytes) === gap.first);
  if (piece === undefined) return [];
  return salvage(piece.bytes, gap, remains.signature, remains.classify);
}

/** The offsets of a gap that neither a record has, nor a range that is known as lost. */
function uncovered(
  { first, last }: MissingRange,
  records: readonly LogRecord[],
  known: LostRanges,
): Damage[] {
  const missing: Damage[] = [];
  const covered = [
    ...records.map((record) => ({ from: record.first, to: record.last })),
    ...known.filter(({ from, to }) => to >= first && from <= last),
  ].sort((a, b) => a.from - b.from);
  let next = first;
  for (const { from, to } of covered) {
    if (from > next) missing.push(damagedAt(next, from - 1));
    next = Math.max(next, to + 1);
  }
  if (next <= last) missing.push(damagedAt(next, last));
  return missing;
}

/** Whether damage explains that records are missing before a piece. */
function hasTraces(piece: Piece, isDamaged: boolean, remains: LogRemains): boolean {
  const { isFileMissing, sealed, contents } = remains;
  const sizes: LogSizes = sealed?.logSizes ?? [0, 0];
  const isCut = contents.some((file, i) => file.length < (sizes[i] ?? 0));
  return isDamaged || isFileMissing || isCut || !piece.isAdjacent;
}

/** Gives each file its records. They all go into the first one if they are not in its order. */
function arrange(
  records: readonly LogRecord[],
  live: readonly LivePiece[],
): Pick<Recovery, 'segments' | 'isRearranged'> {
  const order = live.map(({ file }) => file);
  const changes = order.filter((file, i) => i > 0 && file !== order[i - 1]).length;
  const isRearranged = records.length > live.length || changes > 1;
  const segment = (file: number): RecoveredSegment => {
    const own = live.filter((piece) => piece.file === file);
    const end = Math.max(0, ...own.map((piece) => piece.end));
    if (isRearranged) return { records: file === 0 ? records : [], end };
    return { records: own.map(({ record }) => record), end };
  };
  return { segments: [segment(0), segment(1)], isRearranged };
}

function discontinuity({ directory }: LogRemains, problem: string): Error {
  return refusal(
    directory,
    `its write-ahead log (journal-0, journal-1) does not continue its data.mdb: ${problem}. ` +
      'Restore all of them from the same copy, or move both journal files away to continue without the entries that only they have',
  );
}
