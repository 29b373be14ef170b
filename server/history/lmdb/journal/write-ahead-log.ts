import type { Original } from '../../duplicates.js';
import type { Entry, StoreObserver } from '../../store.js';
import { isOutOfSpace } from '../guard/io-error.js';
import type { LogFiles } from './log-files.js';
import type { LogSizes } from './seal.js';
import { Segment, type RecoveredSegment } from './segment.js';
import type { CommitRow, LogRecord } from './record.js';
import type { TableEntry } from '../tables/row.js';

/*
 * The write-ahead log
 *
 * A commit of LMDB rewrites every page on the way to a changed row, so a commit for each append
 * would be slow. Instead an append writes one record to the log, and checkpoints later copy many
 * records to the tables in a few large commits.
 *
 * Format. The log has two segments, each a file (journal-0 and journal-1). A segment is a sequence
 * of records, and a record holds the entries of one commit; record.ts describes its bytes. Each
 * record begins with a signature that is random for each store, and has a CRC-32. A file is not
 * truncated when its segment is emptied: new records overwrite stale ones from the start of the
 * file, so stale records, or parts of them, may follow the last valid one. Zeros are written ahead
 * of the records.
 *
 * Commit. The active segment takes new records. A record is one write to a file opened with
 * O_DSYNC; when that resolves, the record is durable and the append is acknowledged. A write that
 * fails is cut off again. Only one commit runs at a time, so a record is flushed before the next
 * one is written.
 *
 * Checkpoint. When the active segment is full, or a trim needs all entries in the tables, the two
 * segments swap roles. The sealed one is copied to the tables while the other one takes new
 * records. The sealed segment is emptied only after LMDB has flushed its entries, so an entry is
 * always in the log, in the tables, or in both. A segment can be sealed only when the other one is
 * empty.
 *
 * Reads. All records that are not yet checkpointed are in memory. Entries up to the newest
 * checkpointed one are read from the tables, and later ones from here.
 *
 * Recovery. Both files are searched for intact records with entries that the tables lack;
 * recovery.ts checks that these continue from the newest entry in the tables without a hole. A torn
 * record at the end was never acknowledged and is ignored. A checkpoint that was interrupted is
 * repeated: putting the same entries again is harmless. Tables with a hole are cut back to it if
 * the log has all entries from there on (guard/hole.ts), and those are checkpointed again.
 *
 * Damage and loss. The file journal-seal names the newest acknowledged entry (seal.ts says what it
 * detects). Of a damaged record, the intact entries are recovered (salvage.ts). An acknowledged
 * entry that no file has is lost: its offset is not used again, and readers get damage there. The
 * tables remember ranges of lost entries (lost-ranges.ts).
 *
 * Failure. A checkpoint is one transaction at a time. When LMDB fails to write one, or does not
 * end, the store fails for good and the process must end (tables/table-writer.ts). The log is not
 * touched then, so the next process recovers every acknowledged entry from it.
 *
 * Invariants:
 * - Offsets are consecutive: the sealed segment continues from the tables, the active one from it.
 * - Records are in memory exactly as they are on the disk, from the end of the tables on.
 * - Files change only through `append`, `#freeSpace` and `close`, which never overlap.
 */

/** Copies entries to the tables, in order; entries that the tables already have may be repeated. */
type Checkpoint = (records: readonly LogRecord[]) => Promise<void>;

const MS_PER_SECOND = 1000;

/**
 * The newest entries of a history, on the disk and in memory, until a checkpoint has stored them.
 */
export class WriteAheadLog {
  #active: Segment;
  /** Empty, or waiting for its checkpoint to end. */
  #sealed: Segment;
  #checkpointing: Promise<void> = Promise.resolve();
  /** Whether the sealed segment has records and no checkpoint of it is running. */
  #isCheckpointDue: boolean;

  /** @param recovered the records that the files hold, see `recoverLog` */
  constructor(
    private readonly files: LogFiles,
    recovered: readonly [RecoveredSegment, RecoveredSegment],
    signature: Buffer,
    private readonly checkpoint: Checkpoint,
    private readonly observer?: Pick<StoreObserver, 'flushed' | 'checkpointed'>,
  ) {
    const first = new Segment(files.first, signature, recovered[0]);
    const second = new Segment(files.second, signature, recovered[1]);
    const isFirstOlder = lastOf(first) < lastOf(second);
    [this.#sealed, this.#active] = isFirstOlder ? [first, second] : [second, first];
    this.#isCheckpointDue = this.#sealed.records.length > 0;
  }

  /** Offset of the newest entry in the log; 0 for an empty log. */
  get last(): number {
    return Math.max(lastOf(this.#sealed), lastOf(this.#active));
  }

  /**
   * Resolves when the rows are flushed. Must not be called again before that, nor while `rotate` is
   * under way.
   */
  async append(rows: readonly CommitRow[]): Promise<void> {
    if (this.#active.isFull) await this.rotate();
    const begun = performance.now();
    try {
      await this.#active.write(rows);
    } catch (error) {
      if (!isOutOfSpace(error)) throw error;
      await this.#freeSpace();
      await this.#active.write(rows);
    }
    this.observer?.flushed(secondsSince(begun));
  }

  /**
   * Checkpoints everything and truncates both files. The space of the first one helps to checkpoint
   * the second.
   */
  async #freeSpace(): Promise<void> {
    await this.checkpointed();
    await this.#sealed.clear();
    await this.rotate();
    await this.checkpointed();
    await this.#sealed.clear();
  }

  /**
   * Seals the active segment and starts its checkpoint. Rejects when the checkpoint of the segment
   * sealed before fails; the log is unchanged then.
   */
  async rotate(): Promise<void> {
    await this.checkpointed();
    [this.#active, this.#sealed] = [this.#sealed, this.#active];
    this.#startCheckpoint();
  }

  /** Resolves when everything sealed so far is checkpointed. */
  async checkpointed(): Promise<void> {
    if (this.#isCheckpointDue) this.#startCheckpoint();
    await this.#checkpointing;
  }

  /** The entries after an offset, in order. */
  *after(offset: number, key: string | undefined): Iterable<Entry> {
    for (const segment of this.#segments()) yield* segment.after(offset, key);
  }

  row(offset: number): TableEntry | undefined {
    return this.#sealed.row(offset) ?? this.#active.row(offset);
  }

  /** The newest entry with a dedupe key, if it is in the log. */
  original(dedupeKey: string): Original | undefined {
    return this.#active.original(dedupeKey) ?? this.#sealed.original(dedupeKey);
  }

  /** The dedupe keys of all entries in the log. */
  *dedupeKeys(): Iterable<string> {
    for (const segment of this.#segments()) yield* segment.dedupeKeys();
  }

  /** The paths that begin with a prefix and have entries in the log. */
  paths(prefix: string): Set<string> {
    return new Set(this.#segments().flatMap((segment) => [...segment.paths(prefix)]));
  }

  /** Sizes of both files on the disk. */
  get sizes(): LogSizes {
    return this.files.sizes;
  }

  /**
   * Checkpoints everything and closes the files. Entries that the tables have no space for stay in
   * the log until the store is opened again.
   */
  async close(): Promise<void> {
    const isEmpty = await this.checkpointAll().then(
      () => true,
      () => false,
    );
    // Files that cannot be emptied are emptied by the next process, which finds nothing to recover.
    if (isEmpty) await this.files.clear().catch(() => undefined);
    await this.files.close();
  }

  /** Resolves when everything is checkpointed. Must not be called while an append is under way. */
  async checkpointAll(): Promise<void> {
    await this.rotate();
    await this.checkpointed();
  }

  #startCheckpoint(): void {
    this.#isCheckpointDue = false;
    this.#checkpointing = this.#checkpointSealed();
    this.#checkpointing.catch(() => (this.#isCheckpointDue = true));
  }

  async #checkpointSealed(): Promise<void> {
    const begun = performance.now();
    const { records } = this.#sealed;
    await this.checkpoint(records);
    if (records.length > 0) this.observer?.checkpointed(secondsSince(begun));
    this.#sealed.restart();
  }

  #segments(): readonly Segment[] {
    return [this.#sealed, this.#active];
  }
}

function secondsSince(begun: number): number {
  return (performance.now() - begun) / MS_PER_SECOND;
}

function lastOf({ records }: Segment): number {
  return records.at(-1)?.last ?? 0;
}
