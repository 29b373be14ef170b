import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FoghornError } from '../../../protos/errors.js';
import { checkKeys } from '../check-key.js';
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
import { Batch, EMPTY, headOf, type Head } from './batch.js';
import { commitError } from './commit-error.js';
import { DedupeTables } from './dedupe-tables.js';
import { FileRoom, pagesFor } from './file-room.js';
import { inspect } from './inspection.js';
import { containersAfter, distinctKeys } from './key-index.js';
import { mark } from './marker.js';
import { checkPathLength, Ownership } from './ownership.js';
import { entryBounds, findTime, readEntries, readExits } from './reads.js';
import { openError } from './refusal.js';
import { openTables, rowCount, type Tables } from './tables.js';
import { STEP, TrimSteps, type TrimStep } from './trim-steps.js';
import { inTurn } from './turn.js';

/** A history in one directory on disk. An append resolves when its commit has been flushed. */
export class LmdbStore implements EventStore {
  readonly epoch: string;
  readonly durability = 'fsync';
  readonly #listeners = new TailListeners();
  readonly #commits = new GroupCommit((calls: readonly (readonly EncodedEnvelope[])[]) =>
    this.#commit(calls),
  );
  readonly #dedupe: DedupeTables;
  readonly #trimSteps: TrimSteps;
  readonly #room: FileRoom;
  /** The newest entry that was told, though the next commit may be in the tables already. */
  #head: Head = EMPTY;
  #keptExits: number;
  #trimming: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  private constructor(
    private readonly directory: string,
    private readonly tables: Tables,
    private readonly ownership: Ownership,
    private readonly settings: StoreSettings,
  ) {
    this.epoch = tables.meta.get('epoch') ?? '';
    this.#dedupe = new DedupeTables(tables, settings.dedupeWindow);
    this.#trimSteps = new TrimSteps(tables, settings);
    this.#room = new FileRoom(directory, tables.root);
    this.#keptExits = rowCount(tables.exits);
    const [newest] = tables.entries.getRange({ limit: 1, reverse: true });
    if (newest !== undefined) this.#head = headOf(newest);
  }

  /** Throws FAILED_PRECONDITION when the directory cannot be used and INVALID_ARGUMENT when its path is too long. */
  static open(directory: string, settings: StoreSettings): Promise<LmdbStore> {
    return inTurn(directory, () => LmdbStore.#open(directory, settings));
  }

  static async #open(directory: string, settings: StoreSettings): Promise<LmdbStore> {
    let tables: Tables | undefined;
    let ownership: Ownership | undefined;
    try {
      checkPathLength(directory);
      await inspect(directory);
      tables = await openTables(directory);
      ownership = await Ownership.take(directory, tables.meta);
      const store = new LmdbStore(directory, tables, ownership, settings);
      await mark(directory, store.epoch);
      return store;
    } catch (error) {
      ownership?.release();
      await tables?.root.close();
      throw openError(directory, error);
    }
  }

  async append(envelopes: readonly EncodedEnvelope[]): Promise<Appended[]> {
    this.#checkOpen();
    checkKeys(envelopes);
    return this.#commits.add(envelopes);
  }

  async #commit(calls: readonly (readonly EncodedEnvelope[])[]): Promise<Appended[][]> {
    const now = this.settings.clock();
    const { storedAt } = this.#head;
    const duplicates = this.#dedupe.duplicates(now > storedAt ? now : storedAt);
    const batch = new Batch(this.#head, duplicates);
    const answers = calls.map((envelopes) => batch.add(envelopes));
    if (batch.rows.length > 0) await this.#store(batch);
    return answers;
  }

  async #store({ rows, head, duplicates }: Batch): Promise<void> {
    const { added, replaced } = duplicates;
    const expired = this.#dedupe.expired(added.size * 2, head.last, head.storedAt);
    const pages = (): number =>
      pagesFor(
        rows.map(({ stored }) => stored.length),
        distinctKeys(rows),
        2 * (added.size + expired.length) + replaced.length,
      );
    await this.#write('the event was not stored', pages, () => {
      for (const { entry, stored, filed } of rows) {
        // The promise of the whole batch tells of a failure; these are the same one.
        void this.tables.entries.put(entry.offset, stored);
        if (filed !== undefined) void this.tables.keys.put(filed.key, filed.value);
      }
      this.#dedupe.put({ added, replaced, expired });
    });
    this.#head = head;
    this.#listeners.tell(rows.map(({ entry }) => entry));
  }

  /** Puts all that `put` does into one commit, which takes so many pages at most. It must not throw: lmdb would commit what was put before. */
  async #write(failure: string, pages: () => number, put: () => void): Promise<void> {
    try {
      this.#room.ensure(pages);
      await this.tables.root.batch(put);
    } catch (error) {
      throw await commitError(error, this.directory, failure);
    }
  }

  // No await before the reading.
  async read(after: number, limit: ReadLimit, scope?: Scope): Promise<Entry[]> {
    this.#checkOpen();
    return Promise.resolve(readEntries(this.tables, after, this.#head.last, limit, scope));
  }

  async readKeptExits(after: number, limit: ReadLimit, scope?: Scope): Promise<Entry[]> {
    this.#checkOpen();
    return Promise.resolve(readExits(this.tables, after, limit, scope));
  }

  async *keys(namespace: string): AsyncIterable<ContainerKey> {
    let last: ContainerKey | undefined;
    // In pages, so that no snapshot stays open, and pages of the file with it, while the caller thinks.
    do {
      this.#checkOpen();
      const page = containersAfter(this.tables.keys, namespace, last);
      for (const key of page) yield await Promise.resolve(key);
      last = page.at(-1);
    } while (last !== undefined);
  }

  tail(onEntries: (entries: readonly Entry[]) => void): Stop {
    return this.#listeners.add(onEntries);
  }

  async bounds(): Promise<Bounds> {
    this.#checkOpen();
    const { size: storedBytes } = await stat(join(this.directory, 'data.mdb'));
    this.#checkOpen();
    const bounds = entryBounds(this.tables.entries, this.#head);
    return { ...bounds, storedBytes, keptExits: this.#keptExits };
  }

  async offsetAt(time: bigint): Promise<number> {
    this.#checkOpen();
    return Promise.resolve(findTime(this.tables.entries, this.#head.last, time));
  }

  trim(retention: Retention): Promise<Trimmed> {
    // One step at a time, since each is planned on what the one before has left.
    const step = this.#trimming.then(() => this.#trim(retention));
    this.#trimming = step.catch(() => undefined);
    return step;
  }

  async #trim(retention: Retention): Promise<Trimmed> {
    this.#checkOpen();
    const step = await this.#trimSteps.plan(this.#head, retention, () => {
      this.#checkOpen();
    });
    return this.#commits.between(() => this.#commitTrim(step, retention));
  }

  async #commitTrim(step: TrimStep, retention: Retention): Promise<Trimmed> {
    const { entries, exits } = step;
    const { last, storedAt } = this.#head;
    // Looked for only now, because appends change these records, too.
    const expired = this.#dedupe.expired(STEP, last, storedAt);
    const removed = entries.length + exits.length;
    if (removed + expired.length > 0) {
      const pages = (): number =>
        pagesFor(
          entries.map(({ kept }) => kept?.length ?? 0),
          distinctKeys([...entries, ...exits]),
          2 * (removed + expired.length),
        );
      await this.#write('nothing was trimmed', pages, () => {
        this.#trimSteps.put(step);
        this.#dedupe.put({ added: new Map(), replaced: [], expired });
      });
    }
    this.#keptExits += entries.filter(({ kept }) => kept !== undefined).length - exits.length;
    const done = expired.length < STEP && this.#trimSteps.isDone(this.#head, retention);
    return { removed, done };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#commits.drained();
    this.#room.close();
    await inTurn(this.directory, () => this.tables.root.close());
    this.ownership.release();
  }

  #checkOpen(): void {
    if (this.#closing) throw new FoghornError('UNAVAILABLE', 'the store is closed');
  }
}
