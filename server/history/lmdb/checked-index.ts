import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FoghornError } from '../../../protocol/errors.js';
import type { Damage } from '../store.js';
import { isOutOfSpace } from './guard/io-error.js';
import { isRebuilding, lacksRows, rebuildIndex, type IndexedTables } from './tables/index-check.js';
import { rewriteExits, rowsOfMisfiledExits } from './tables/misfiled-exits.js';
import { rawExits } from './tables/tables.js';
import type { TableWriter } from './tables/table-writer.js';

/** The index of a smaller data file is checked before the store is open: within half a second. */
const SMALL_BYTES = 8 * 1024 * 1024;
/** Entries looked up in one iteration of the event loop, and the time between two of them. */
const SLICE_ENTRIES = 200;
const PAUSE_MS = 20;

/** The parts of a store that its index depends on. */
export interface CheckedStore extends IndexedTables {
  readonly directory: string;
  readonly writer: TableWriter;
  /**
   * Records the damaged entries that a rebuilt index has no rows of. Called in a batch; must not
   * throw.
   */
  readonly putLost: (damaged: readonly Damage[]) => void;
  /** Called with each sentence for the operator. */
  readonly warn: (text: string) => void;
}

/**
 * Checks that the index of containers has every entry of the tables, and rebuilds it otherwise. The
 * index of a large store is checked while the store is open.
 */
export class CheckedIndex {
  /** Undefined while the index is whole, as far as is known. */
  #damage: 'rebuilding' | 'no space' | undefined;
  #checking: Promise<void> = Promise.resolve();
  readonly #stopped = new AbortController();

  constructor(private readonly store: CheckedStore) {}

  /**
   * Resolves when the store may open.
   *
   * @param isDoubtful whether everything is checked before, however large the store is
   */
  async begin(isDoubtful: boolean): Promise<void> {
    const { size } = statSync(join(this.store.directory, 'data.mdb'));
    const isAwaited = isDoubtful || size <= SMALL_BYTES || isRebuilding(this.store.tables);
    this.#checking = this.#check(isAwaited);
    if (isAwaited) await this.#checking;
  }

  /** Throws UNAVAILABLE while the index is rebuilt, and DATA_LOSS when it cannot be. */
  checkWhole(): void {
    if (this.#damage === undefined) return;
    const problem = 'the index of containers is damaged';
    if (this.#damage === 'rebuilding') {
      throw new FoghornError('UNAVAILABLE', `${problem}, and is being rebuilt: try again later`);
    }
    throw new FoghornError('DATA_LOSS', `${problem}, and the disk has no space to rebuild it`);
  }

  /** Ends the check. Resolves once nothing more is read or written. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#checking;
  }

  async #check(isFast: boolean): Promise<void> {
    const { directory, writer, warn, putLost } = this.store;
    if (!isRebuilding(this.store.tables) && !(await this.#lacksRows(isFast))) return;
    this.#damage = 'rebuilding';
    try {
      const exits = rowsOfMisfiledExits(this.store, rawExits(this.store.tables.root));
      if (exits !== undefined) await rewriteExits(this.store.tables.exits, writer, exits);
      await rebuildIndex(this.store, writer, putLost);
      this.#damage = undefined;
      warn(`the index of containers in ${directory} was damaged: it was rebuilt from the entries`);
    } catch (error) {
      // Any other failure is the store's, which ends the process.
      if (isOutOfSpace(error)) this.#damage = 'no space';
    }
  }

  #lacksRows(isFast: boolean): Promise<boolean> {
    const { signal } = this.#stopped;
    return lacksRows(this.store, SLICE_ENTRIES, async () => {
      if (isFast) await new Promise(setImmediate);
      else await delay(PAUSE_MS, undefined, { signal, ref: false }).catch(() => undefined);
      return !signal.aborted;
    });
  }
}
