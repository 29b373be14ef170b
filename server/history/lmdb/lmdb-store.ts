import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FoghornError } from '../../../protocol/errors.js';
import { checkKeys } from '../check-key.js';
import { Duplicates } from '../duplicates.js';
import { GroupCommit } from '../group-commit.js';
import type {
  Appended,
  Bounds,
  ContainerKey,
  EncodedEnvelope,
  Entry,
  EventStore,
  ReadLimit,
  Retention,
  Scope,
  Stop,
  StoreSettings,
  Trimmed,
} from '../store.js';
import { TailListeners } from '../tail-listeners.js';
import { CommitBatch } from './journal/commit-batch.js';
import { headOf, type Head } from './tables/head.js';
import { MAX_BLOCK_BYTES } from './tables/block.js';
import { commitError, isOutOfSpace } from './guard/io-error.js';
import { DedupeTables } from './tables/dedupe-tables.js';
import { EntryTable } from './tables/entry-table.js';
import { maxPages } from './guard/data-file-space.js';
import { DedupeIndex } from './dedupe-index.js';
import { WriteAheadLog } from './journal/write-ahead-log.js';
import { recoverSegments } from './journal/recovery.js';
import { containersAfter, distinctKeys } from './tables/key-index.js';
import { closeDirectory, openDirectory, type OpenedDirectory } from './directory.js';
import { writeMarker } from './guard/marker.js';
import { entryBounds, findTime, readEntries, readExits } from './reads.js';
import { openError } from './guard/refusal.js';
import { Checkpointer } from './journal/checkpointer.js';
import { TableWriter } from './tables/table-writer.js';
import { logSignature, rowCount } from './tables/tables.js';
import { TrimSteps, type TrimStep } from './tables/trim-steps.js';
import { withEnvironmentLock } from './guard/environment-lock.js';

/**
 * A history in one directory on disk. An append resolves once the write-ahead log has flushed it.
 * Checkpoints then copy entries to the tables of an LMDB environment, which find them by offset,
 * container and time.
 */
export class LmdbStore implements EventStore {
  readonly epoch: string;
  readonly durability = 'fsync';
  readonly #listeners = new TailListeners();
  readonly #commits = new GroupCommit((calls: readonly (readonly EncodedEnvelope[])[]) =>
    this.#commit(calls),
  );
  readonly #entries: EntryTable;
  readonly #dedupeIndex: DedupeIndex;
  readonly #writer: TableWriter;
  readonly #checkpointer: Checkpointer;
  readonly #log: WriteAheadLog;
  readonly #trimSteps: TrimSteps;
  #head: Head;
  #keptExits: number;
  #trimming: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  private constructor(
    private readonly directory: string,
    private readonly settings: StoreSettings,
    private readonly opened: OpenedDirectory,
    onFailure: (failure: FoghornError) => void,
  ) {
    const { tables, logFiles, logContents } = opened;
    this.epoch = tables.meta.get('epoch') ?? '';
    this.#entries = new EntryTable(tables.entries);
    const dedupe = new DedupeTables(tables, settings.dedupeWindow);
    this.#writer = new TableWriter(directory, tables.root, onFailure);
    this.#checkpointer = new Checkpointer(this.#entries, tables.keys, dedupe, this.#writer);
    const { head } = this.#checkpointer;
    const signature = logSignature(tables.meta);
    const recovered = recoverSegments(directory, logContents, signature, head.last);
    this.#log = new WriteAheadLog(logFiles, recovered, signature, (records) =>
      this.#checkpointer.checkpoint(records),
    );
    this.#dedupeIndex = new DedupeIndex(this.#log, dedupe);
    const newest = this.#log.row(this.#log.last);
    this.#head = newest === undefined ? head : headOf(newest.offset, newest.stored);
    this.#trimSteps = new TrimSteps(this.#entries, tables, settings);
    this.#keptExits = rowCount(tables.exits);
  }

  /**
   * Throws FAILED_PRECONDITION when the directory cannot be used, and INVALID_ARGUMENT when its
   * path is too long.
   *
   * @param onFailure called when the store has failed for good: every call rejects from then on,
   *   and the process must end. See `TableWriter`.
   */
  static open(
    directory: string,
    settings: StoreSettings,
    onFailure: (failure: FoghornError) => void = throwUncaught,
  ): Promise<LmdbStore> {
    return withEnvironmentLock(directory, () => LmdbStore.#open(directory, settings, onFailure));
  }

  static async #open(
    directory: string,
    settings: StoreSettings,
    onFailure: (failure: FoghornError) => void,
  ): Promise<LmdbStore> {
    const opened = await openDirectory(directory);
    try {
      const store = new LmdbStore(directory, settings, opened, onFailure);
      await writeMarker(directory, store.epoch);
      return store;
    } catch (error) {
      await closeDirectory(opened);
      throw openError(directory, error);
    }
  }

  async append(envelopes: readonly EncodedEnvelope[]): Promise<Appended[]> {
    this.#checkOpen();
    checkKeys(envelopes);
    return this.#commits.add(envelopes);
  }

  async #commit(calls: readonly (readonly EncodedEnvelope[])[]): Promise<Appended[][]> {
    this.#checkWorking();
    const now = this.settings.clock();
    const { storedAt } = this.#head;
    const duplicates = new Duplicates(
      this.settings.dedupeWindow,
      now > storedAt ? now : storedAt,
      (key) => this.#dedupeIndex.find(key),
    );
    const batch = new CommitBatch(this.#head, duplicates);
    const answers = calls.map((envelopes) => batch.add(envelopes));
    if (batch.rows.length > 0) await this.#store(batch);
    return answers;
  }

  async #store(batch: CommitBatch): Promise<void> {
    try {
      await this.#log.append(batch.rows);
    } catch (error) {
      throw commitError(error, this.directory, 'the event was not stored');
    }
    this.#head = batch.head;
    this.#dedupeIndex.add(batch.duplicates.added.keys());
    this.#listeners.tell(batch.rows.map(({ entry }) => entry));
  }

  // Must not await before reading, so that log and tables are read at the same moment.
  async read(after: number, limit: ReadLimit, scope?: Scope): Promise<Entry[]> {
    this.#checkOpen();
    const { last: checkpointed } = this.#checkpointer.head;
    const { keys } = this.opened.tables;
    const where = { entries: this.#entries, keys, checkpointed, log: this.#log };
    return Promise.resolve(readEntries(where, after, limit, scope));
  }

  async readKeptExits(after: number, limit: ReadLimit, scope?: Scope): Promise<Entry[]> {
    this.#checkOpen();
    return Promise.resolve(readExits(this.#entries, this.opened.tables, after, limit, scope));
  }

  async *keys(namespace: string): AsyncIterable<ContainerKey> {
    this.#checkOpen();
    const inLog = this.#log.containers(namespace);
    for (const container of inLog) yield await Promise.resolve({ namespace, container });
    let last: ContainerKey | undefined;
    // In pages, so that no snapshot stays open, pinning pages of the file, between calls.
    do {
      this.#checkOpen();
      const page = containersAfter(this.opened.tables.keys, namespace, last);
      for (const key of page) if (!inLog.has(key.container)) yield await Promise.resolve(key);
      last = page.at(-1);
    } while (last !== undefined);
  }

  tail(onEntries: (entries: readonly Entry[]) => void): Stop {
    return this.#listeners.add(onEntries);
  }

  async bounds(): Promise<Bounds> {
    this.#checkOpen();
    const { size } = await stat(join(this.directory, 'data.mdb'));
    this.#checkOpen();
    const bounds = entryBounds(this.#entries, this.#log, this.#head);
    const storedBytes = size + this.#log.bytes;
    return { ...bounds, storedBytes, keptExits: this.#keptExits };
  }

  async offsetAt(time: bigint): Promise<number> {
    this.#checkOpen();
    return Promise.resolve(findTime(this.#entries, this.#log, this.#head.last, time));
  }

  trim(retention: Retention): Promise<Trimmed> {
    // Steps run one at a time, because each is planned on the state that the last one left.
    const step = this.#trimming.then(() => this.#trim(retention));
    this.#trimming = step.catch(() => undefined);
    return step;
  }

  async #trim(retention: Retention): Promise<Trimmed> {
    this.#checkOpen();
    await this.#checkpointAll();
    const { head } = this.#checkpointer;
    const step = await this.#trimSteps.plan(head, retention, () => {
      this.#checkOpen();
    });
    const { entries, first, exits } = step;
    const removed = entries.length + exits.length;
    if (first > this.#entries.first || exits.length > 0) await this.#commitTrim(step);
    this.#keptExits += entries.filter(({ kept }) => kept !== undefined).length - exits.length;
    return { removed, done: this.#trimSteps.isDone(head, retention) };
  }

  /**
   * Moves all entries to the tables, because only there can they be trimmed. Lack of space is no
   * failure, because trimming may free some.
   */
  async #checkpointAll(): Promise<void> {
    try {
      await this.#commits.between(() => this.#log.rotate());
      await this.#log.checkpointed();
    } catch (error) {
      if (!isOutOfSpace(error)) throw error;
    }
  }

  async #commitTrim(step: TrimStep): Promise<void> {
    const { entries, exits } = step;
    const pages = (): number =>
      maxPages(
        [MAX_BLOCK_BYTES, ...entries.map(({ kept }) => kept?.length ?? 0)],
        distinctKeys([...entries, ...exits]),
        2 * (entries.length + exits.length),
      );
    try {
      await this.#writer.commit(pages, [step], (planned) => {
        this.#trimSteps.put(planned);
      });
    } catch (error) {
      throw commitError(error, this.directory, 'nothing was trimmed');
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#trimming;
    await this.#commits.drained();
    await this.#log.close();
    await this.#writer.close();
    // Closing LMDB after a failure could hang or crash; the end of the process does it.
    if (this.#writer.failure === undefined) {
      await withEnvironmentLock(this.directory, () => this.opened.tables.root.close());
    }
    this.opened.ownership.release();
  }

  #checkOpen(): void {
    if (this.#closing) throw new FoghornError('UNAVAILABLE', 'the store is closed');
    this.#checkWorking();
  }

  #checkWorking(): void {
    const { failure } = this.#writer;
    if (failure === undefined) return;
    throw new FoghornError('UNAVAILABLE', `the store has failed: ${failure.message}`);
  }
}

function throwUncaught(failure: FoghornError): void {
  queueMicrotask(() => {
    throw failure;
  });
}
