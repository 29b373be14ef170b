import type { Place } from '../../duplicates.js';
import type { Entry, Scope } from '../../store.js';
import type { CommitRow } from './commit-batch.js';
import { isOutOfSpace } from '../guard/io-error.js';
import type { LogFiles } from './log-files.js';
import { Segment, type RecoveredSegment } from './segment.js';
import type { LogRecord } from './record.js';
import type { TableEntry } from '../tables/row.js';

/** Puts entries into the tables, in order; those that it has put before, it may be given again. */
type Checkpoint = (records: readonly LogRecord[]) => Promise<void>;

/**
 * The newest entries of a history, on disk as they came and in memory: one write and one flush for each commit. What is here goes
 * on to the tables in large steps: while one part is being settled there, the other one fills up.
 */
export class WriteAheadLog {
  #active: Segment;
  /** Empty, or on its way to the tables. */
  #sealed: Segment;
  #checkpointing: Promise<void> = Promise.resolve();
  /** Whether there is something at rest that is not on its way. */
  #isCheckpointDue: boolean;

  /** @param left what was in the files, see `unsettledIn` */
  constructor(
    private readonly files: LogFiles,
    left: readonly [RecoveredSegment, RecoveredSegment],
    mark: Buffer,
    private readonly checkpoint: Checkpoint,
  ) {
    const one = new Segment(files.first, mark, left[0]);
    const other = new Segment(files.second, mark, left[1]);
    [this.#sealed, this.#active] = lastOf(one) < lastOf(other) ? [one, other] : [other, one];
    this.#isCheckpointDue = this.#sealed.records.length > 0;
  }

  /** Offset of the newest entry, 0 if there is none here. */
  get last(): number {
    return Math.max(lastOf(this.#sealed), lastOf(this.#active));
  }

  /** Resolves when the rows are flushed. Not to be called again before that, nor while `turn` is under way. */
  async append(rows: readonly CommitRow[]): Promise<void> {
    if (this.#active.isFull) await this.rotate();
    try {
      await this.#active.write(rows);
    } catch (error) {
      if (!isOutOfSpace(error)) throw error;
      await this.#freeSpace();
      await this.#active.write(rows);
    }
  }

  /** Has nothing here that the tables could have, so that both files can be emptied; the one that is, gives room to settle the other. */
  async #freeSpace(): Promise<void> {
    await this.checkpointed();
    await this.#sealed.clear();
    await this.rotate();
    await this.checkpointed();
    await this.#sealed.clear();
  }

  /** Begins to settle all that is here now. Rejects when what is older could not be settled; then it is all still here. */
  async rotate(): Promise<void> {
    await this.checkpointed();
    [this.#active, this.#sealed] = [this.#sealed, this.#active];
    this.#startCheckpoint();
  }

  /** Resolves when all is settled that was here at the last turn. */
  async checkpointed(): Promise<void> {
    if (this.#isCheckpointDue) this.#startCheckpoint();
    await this.#checkpointing;
  }

  /** The entries after an offset, in order. */
  *after(offset: number, scope: Scope | undefined): Iterable<Entry> {
    for (const part of this.#segments()) yield* part.after(offset, scope);
  }

  row(offset: number): TableEntry | undefined {
    return this.#sealed.row(offset) ?? this.#active.row(offset);
  }

  /** Where the first of equal envelopes is, if that is here. */
  place(dedupeKey: string): Place | undefined {
    return this.#active.place(dedupeKey) ?? this.#sealed.place(dedupeKey);
  }

  /** The dedupe keys of all that is here. */
  *dedupeKeys(): Iterable<string> {
    for (const part of this.#segments()) yield* part.dedupeKeys();
  }

  /** The containers of a namespace that entries are filed under here. */
  containers(namespace: string): Set<string> {
    return new Set(this.#segments().flatMap((part) => [...part.containers(namespace)]));
  }

  /** What it takes on the disk. */
  get bytes(): number {
    return this.files.bytes;
  }

  /** Settles everything if the tables have room for it; what they have not stays until it is opened again. */
  async close(): Promise<void> {
    const isSettled = await this.#checkpointAll();
    if (isSettled) await this.files.clear();
    await this.files.close();
  }

  async #checkpointAll(): Promise<boolean> {
    try {
      await this.rotate();
      await this.checkpointed();
      return true;
    } catch {
      return false;
    }
  }

  #startCheckpoint(): void {
    this.#isCheckpointDue = false;
    this.#checkpointing = this.#checkpointSealed();
    this.#checkpointing.catch(() => (this.#isCheckpointDue = true));
  }

  async #checkpointSealed(): Promise<void> {
    await this.checkpoint(this.#sealed.records);
    this.#sealed.restart();
  }

  #segments(): readonly Segment[] {
    return [this.#sealed, this.#active];
  }
}

function lastOf({ records }: Segment): number {
  return records.at(-1)?.last ?? 0;
}
