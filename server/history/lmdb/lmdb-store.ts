import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FoghornError } from '../../../protocol/errors.js';
import { checkEntries } from '../check-entries.js';
import { GroupCommit } from '../group-commit.js';
import type {
  Appended,
  Bounds,
  Entry,
  EntryPosition,
  EventStore,
  LastingReadResult,
  NewEntry,
  ReadLimit,
  ReadResult,
  Retention,
  Stop,
  StoreSettings,
  Trimmed,
} from '../store.js';
import { AppendTrouble, type OnTrouble } from './append-trouble.js';
import { CheckedIndex } from './checked-index.js';
import { Commits } from './commits.js';
import { isOutOfSpace, throwUncaught } from './guard/io-error.js';
import { DedupeTables } from './tables/dedupe-tables.js';
import { EntryTable } from './tables/entry-table.js';
import { DedupeIndex } from './dedupe-index.js';
import { putLostRanges, type LostRanges } from './journal/lost-ranges.js';
import { WriteAheadLog } from './journal/write-ahead-log.js';
import { recoverHistory, type RecoveredHistory } from './recovered-history.js';
import { pathsAfter } from './tables/key-index.js';
import { closeDirectory, openDirectory, type OpenedDirectory } from './directory.js';
import { removeIndexRowsAfter } from './tables/index-limit.js';
import { writeMarker } from './guard/marker.js';
import { entryBounds, findTime, readEntries, readLasting, type ReadSources } from './reads.js';
import { openError } from './guard/refusal.js';
import { Checkpointer } from './journal/checkpointer.js';
import { TableWriter } from './tables/table-writer.js';
import { TrimSteps } from './tables/trim-steps.js';
import { Trims } from './trims.js';
import { withEnvironmentLock } from './guard/environment-lock.js';

/** Callbacks for the broker that has a store. */
export interface LmdbStoreHooks {
  /**
   * Called when the store has failed for good: every call rejects from then on, and the process
   * must end. See `TableWriter`.
   */
  readonly onFailure?: (failure: FoghornError) => void;
  readonly onTrouble?: OnTrouble;
  /** Called with each sentence for the operator about files that are missing or cut. */
  readonly warn?: (text: string) => void;
}

/**
 * A history in one directory on disk. An append resolves once the write-ahead log has flushed it.
 * Checkpoints then copy entries to the tables of an LMDB environment, which find them by offset,
 * container and time.
 */
export class LmdbStore implements EventStore {
  readonly epoch: string;
  readonly durability = 'fsync';
  readonly #groups: GroupCommit<NewEntry, Appended>;
  readonly #entries: EntryTable;
  readonly #commits: Commits;
  readonly #trouble: AppendTrouble;
  readonly #writer: TableWriter;
  readonly #checkpointer: Checkpointer;
  readonly #log: WriteAheadLog;
  readonly #trims: Trims;
  readonly #recovered: Pick<RecoveredHistory, 'problems' | 'isRearranged'>;
  readonly #index: CheckedIndex;
  #lost: LostRanges;
  #closing: Promise<void> | undefined;

  private constructor(
    private readonly directory: string,
    private readonly settings: StoreSettings,
    private readonly opened: OpenedDirectory,
    {
      onFailure = throwUncaught,
      onTrouble = () => undefined,
      warn = () => undefined,
    }: LmdbStoreHooks,
  ) {
    const { tables, logFiles, seal } = opened;
    this.epoch = tables.meta.get('epoch') ?? '';
    this.#entries = new EntryTable(tables.entries);
    const dedupe = new DedupeTables(tables, settings.dedupeWindow);
    this.#writer = new TableWriter(directory, tables.root, onFailure);
    this.#checkpointer = new Checkpointer(this.#entries, tables, dedupe, this.#writer);
    const recovered = recoverHistory(directory, opened, this.#checkpointer.head, settings);
    const { segments, signature, lost, problems, isRearranged } = recovered;
    this.#recovered = { problems, isRearranged };
    this.#lost = lost;
    this.#log = new WriteAheadLog(
      logFiles,
      segments,
      signature,
      (records) => this.#checkpointer.checkpoint(records),
      settings.observer,
    );
    removeIndexRowsAfter(tables, recovered.head.last);
    this.#trouble = new AppendTrouble(directory, onTrouble);
    this.#commits = new Commits(
      directory,
      settings,
      this.#log,
      new DedupeIndex(this.#log, dedupe),
      this.#writer,
      seal,
      this.#trouble,
      recovered.head,
    );
    this.#groups = new GroupCommit(this.#commits.commit, undefined, settings.observer);
    this.#trims = new Trims(
      directory,
      new TrimSteps(this.#entries, tables, settings),
      this.#entries,
      this.#checkpointer,
      this.#writer,
      {
        checkpointAll: () => this.#checkpointAll(),
        checkOpen: () => {
          this.#checkOpen();
        },
      },
    );
    this.#index = new CheckedIndex({
      directory,
      entries: this.#entries,
      tables,
      classify: settings.classify,
      writer: this.#writer,
      putLost: (damaged) => (this.#lost = putLostRanges(tables.meta, damaged)),
      warn,
    });
  }

  /**
   * Throws FAILED_PRECONDITION when the directory cannot be used, and INVALID_ARGUMENT when its
   * path is too long.
   */
  static open(
    directory: string,
    settings: StoreSettings,
    hooks: LmdbStoreHooks = {},
  ): Promise<LmdbStore> {
    return withEnvironmentLock(directory, async () => {
      const store = await LmdbStore.#open(directory, settings, hooks);
      const problems = [...store.opened.problems, ...store.#recovered.problems];
      for (const problem of problems) hooks.warn?.(problem);
      return store;
    });
  }

  static async #open(
    directory: string,
    settings: StoreSettings,
    hooks: LmdbStoreHooks,
  ): Promise<LmdbStore> {
    const opened = await openDirectory(directory);
    try {
      const store = new LmdbStore(directory, settings, opened, hooks);
      if (store.#recovered.isRearranged) await store.#log.checkpointAll();
      await writeMarker(directory, store.epoch);
      await store.#index.begin(opened.attempt.deaths > 0);
      return store;
    } catch (error) {
      await closeDirectory(opened);
      throw openError(directory, error);
    }
  }

  append(entries: readonly NewEntry[]): Promise<Appended[]> {
    try {
      this.#checkOpen();
      checkEntries(entries);
    } catch (error) {
      const reason = error as Error;
      return Promise.reject(reason);
    }
    return this.#groups.add(entries);
  }

  // Must not await before reading, so that log and tables are read at the same moment.
  async read(after: number, limit: ReadLimit, key?: string): Promise<ReadResult> {
    this.#checkOpen();
    if (key !== undefined) this.#index.checkWhole();
    const { last: checkpointed } = this.#checkpointer.head;
    const { keys } = this.opened.tables;
    const sources = { ...this.#sources(), keys, checkpointed };
    return Promise.resolve(this.#reported(readEntries(sources, after, limit, key)));
  }

  async readLasting(after: number, limit: ReadLimit, key?: string): Promise<LastingReadResult> {
    this.#checkOpen();
    if (key !== undefined) this.#index.checkWhole();
    const read = readLasting(this.#sources(), this.opened.tables, after, limit, key);
    return Promise.resolve(this.#reported(read));
  }

  #sources(): Pick<ReadSources, 'entries' | 'log' | 'lost'> {
    return { entries: this.#entries, log: this.#log, lost: this.#lost };
  }

  #reported<Result extends ReadResult>(read: Result): Result {
    if (read.kind === 'damaged') this.settings.onDamage(read);
    return read;
  }

  async *keys(prefix: string): AsyncIterable<string> {
    this.#checkOpen();
    this.#index.checkWhole();
    const inLog = this.#log.paths(prefix);
    for (const path of inLog) yield await Promise.resolve(path);
    let last: string | undefined;
    // In pages, so that no snapshot stays open, pinning pages of the file, between calls.
    do {
      this.#checkOpen();
      const page = pathsAfter(this.opened.tables.keys, prefix, last);
      for (const path of page) if (!inLog.has(path)) yield await Promise.resolve(path);
      last = page.at(-1);
    } while (last !== undefined);
  }

  tail(onEntries: (entries: readonly Entry[]) => void): Stop {
    return this.#commits.listeners.add(onEntries);
  }

  async sync(): Promise<EntryPosition> {
    this.#checkOpen();
    const { last: offset, fingerprint } = this.#commits.head;
    return Promise.resolve({ offset, fingerprint });
  }

  async bounds(): Promise<Bounds> {
    this.#checkOpen();
    const bounds = entryBounds(this.#sources(), this.#commits.head);
    return Promise.resolve({ ...bounds, lastingEntries: this.#trims.lastingEntries });
  }

  async storedBytes(): Promise<number> {
    this.#checkOpen();
    const { size } = await stat(join(this.directory, 'data.mdb'));
    const [first, second] = this.#log.sizes;
    return size + first + second;
  }

  async offsetAt(time: bigint): Promise<number> {
    this.#checkOpen();
    return Promise.resolve(findTime(this.#sources(), this.#commits.head.last, time));
  }

  trim(retention: Retention): Promise<Trimmed> {
    return this.#trims.step(retention);
  }

  /**
   * Moves all entries to the tables, because only there can they be trimmed. Lack of space is no
   * failure, because trimming may free some.
   */
  async #checkpointAll(): Promise<void> {
    this.#checkOpen();
    try {
      await this.#groups.between(() => this.#log.rotate());
      await this.#log.checkpointed();
    } catch (error) {
      if (!isOutOfSpace(error)) throw error;
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#trims.ended();
    await this.#index.stop();
    await this.#groups.drained();
    this.#trouble.stop();
    await this.#log.close();
    this.opened.seal.close();
    await this.#writer.close();
    // Closing LMDB after a failure could hang or crash; the end of the process does it.
    if (this.#writer.failure === undefined) {
      await withEnvironmentLock(this.directory, () => this.opened.tables.root.close());
      this.opened.attempt.end();
    }
    this.opened.ownership.release();
  }

  #checkOpen(): void {
    if (this.#closing) throw new FoghornError('UNAVAILABLE', 'the store is closed');
    this.#writer.checkWorking();
  }
}
