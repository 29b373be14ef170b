import type { Place } from '../../duplicates.js';
import type { Entry, Scope } from '../../store.js';
import type { Row } from '../batch.js';
import { hasNoRoom } from '../guard/io-error.js';
import type { JournalFiles } from './log-files.js';
import { JournalPart, type Unsettled } from './segment.js';
import type { JournalRecord, RecordedRow } from './record.js';

/** Puts entries into the tables, in order; those that it has put before, it may be given again. */
type Settle = (records: readonly JournalRecord[]) => Promise<void>;

/**
 * The newest entries of a history, on disk as they came and in memory: one write and one flush for each commit. What is here goes
 * on to the tables in large steps: while one part is being settled there, the other one fills up.
 */
export class Journal {
  #filling: JournalPart;
  /** Empty, or on its way to the tables. */
  #resting: JournalPart;
  #settling: Promise<void> = Promise.resolve();
  /** Whether there is something at rest that is not on its way. */
  #isDue: boolean;

  /** @param left what was in the files, see `unsettledIn` */
  constructor(
    private readonly files: JournalFiles,
    left: readonly [Unsettled, Unsettled],
    mark: Buffer,
    private readonly settle: Settle,
  ) {
    const one = new JournalPart(files.one, mark, left[0]);
    const other = new JournalPart(files.other, mark, left[1]);
    [this.#resting, this.#filling] = lastOf(one) < lastOf(other) ? [one, other] : [other, one];
    this.#isDue = this.#resting.records.length > 0;
  }

  /** Offset of the newest entry, 0 if there is none here. */
  get last(): number {
    return Math.max(lastOf(this.#resting), lastOf(this.#filling));
  }

  /** Resolves when the rows are flushed. Not to be called again before that, nor while `turn` is under way. */
  async append(rows: readonly Row[]): Promise<void> {
    if (this.#filling.isFull) await this.turn();
    try {
      await this.#filling.write(rows);
    } catch (error) {
      if (!hasNoRoom(error)) throw error;
      await this.#makeRoom();
      await this.#filling.write(rows);
    }
  }

  /** Has nothing here that the tables could have, so that both files can be emptied; the one that is, gives room to settle the other. */
  async #makeRoom(): Promise<void> {
    await this.settled();
    await this.#resting.clear();
    await this.turn();
    await this.settled();
    await this.#resting.clear();
  }

  /** Begins to settle all that is here now. Rejects when what is older could not be settled; then it is all still here. */
  async turn(): Promise<void> {
    await this.settled();
    [this.#filling, this.#resting] = [this.#resting, this.#filling];
    this.#beginToSettle();
  }

  /** Resolves when all is settled that was here at the last turn. */
  async settled(): Promise<void> {
    if (this.#isDue) this.#beginToSettle();
    await this.#settling;
  }

  /** The entries after an offset, in order. */
  *after(offset: number, scope: Scope | undefined): Iterable<Entry> {
    for (const part of this.#parts()) yield* part.after(offset, scope);
  }

  row(offset: number): RecordedRow | undefined {
    return this.#resting.row(offset) ?? this.#filling.row(offset);
  }

  /** Where the first of equal envelopes is, if that is here. */
  place(dedupeKey: string): Place | undefined {
    return this.#filling.place(dedupeKey) ?? this.#resting.place(dedupeKey);
  }

  /** The dedupe keys of all that is here. */
  *dedupeKeys(): Iterable<string> {
    for (const part of this.#parts()) yield* part.dedupeKeys();
  }

  /** The containers of a namespace that entries are filed under here. */
  containers(namespace: string): Set<string> {
    return new Set(this.#parts().flatMap((part) => [...part.containers(namespace)]));
  }

  /** What it takes on the disk. */
  get bytes(): number {
    return this.files.bytes;
  }

  /** Settles everything if the tables have room for it; what they have not stays until it is opened again. */
  async close(): Promise<void> {
    const isSettled = await this.#settleAll();
    if (isSettled) await this.files.clear();
    await this.files.close();
  }

  async #settleAll(): Promise<boolean> {
    try {
      await this.turn();
      await this.settled();
      return true;
    } catch {
      return false;
    }
  }

  #beginToSettle(): void {
    this.#isDue = false;
    this.#settling = this.#settleResting();
    this.#settling.catch(() => (this.#isDue = true));
  }

  async #settleResting(): Promise<void> {
    await this.settle(this.#resting.records);
    this.#resting.restart();
  }

  #parts(): readonly JournalPart[] {
    return [this.#resting, this.#filling];
  }
}

function lastOf({ records }: JournalPart): number {
  return records.at(-1)?.last ?? 0;
}
