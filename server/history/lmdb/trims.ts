import type { Retention, Trimmed } from '../store.js';
import { maxPages } from './guard/data-file-space.js';
import { commitError } from './guard/io-error.js';
import type { Checkpointer } from './journal/checkpointer.js';
import { MAX_BLOCK_BYTES } from './tables/block.js';
import type { EntryTable } from './tables/entry-table.js';
import { distinctKeys } from './tables/key-index.js';
import type { TableWriter } from './tables/table-writer.js';
import type { TrimStep, TrimSteps } from './tables/trim-steps.js';

/** The parts of a store that trimming calls. */
export interface TrimmedStore {
  /** Moves all entries to the tables; rejects when the store is closed. */
  checkpointAll(): Promise<void>;
  /** Throws when the store is closed. */
  checkOpen(): void;
}

/** Trims the tables, one step at a time, because each is planned on the state the last one left. */
export class Trims {
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly directory: string,
    private readonly steps: TrimSteps,
    private readonly entries: EntryTable,
    private readonly checkpointer: Checkpointer,
    private readonly writer: TableWriter,
    private readonly store: TrimmedStore,
  ) {}

  /** Number of lasting entries kept from before the first entry. */
  get lastingEntries(): number {
    return this.steps.lastingEntries;
  }

  /** See EventStore.trim. */
  step(retention: Retention): Promise<Trimmed> {
    const step = this.#last.then(() => this.#step(retention));
    this.#last = step.catch(() => undefined);
    return step;
  }

  /** Resolves once no step is under way. */
  async ended(): Promise<void> {
    await this.#last;
  }

  async #step(retention: Retention): Promise<Trimmed> {
    await this.store.checkpointAll();
    const { head } = this.checkpointer;
    const step = await this.steps.plan(head, retention, () => {
      this.store.checkOpen();
    });
    const { entries, first, lasting } = step;
    const removed = entries.length + lasting.length;
    const hasChanges = first > this.entries.first || lasting.length > 0 || step.hasObserved;
    if (hasChanges) await this.#commit(step);
    return { removed, done: this.steps.isDone(head, retention) };
  }

  async #commit(step: TrimStep): Promise<void> {
    const { entries, lasting } = step;
    const pages = (): number =>
      maxPages(
        [MAX_BLOCK_BYTES, ...entries.map(({ row }) => row?.length ?? 0)],
        distinctKeys([...entries, ...lasting]),
        2 * (entries.length + lasting.length),
      );
    try {
      await this.writer.commit(pages, [step], (planned) => {
        this.steps.put(planned);
      });
    } catch (error) {
      throw commitError(error, this.directory, 'nothing was trimmed');
    }
  }
}
