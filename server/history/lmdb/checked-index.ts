import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FoghornError } from '../../../protocol/errors.js';
import type { Damage } from '../store.js';
import { isOutOfSpace } from './guard/io-error.js';
import { isRebuilding, lacksRows, rebuildIndex, type IndexedTables } from './tables/index-check.js';
import {
  exitsWithReadableKeys,
  rewriteExits,
  rowsOfMisfiledExits,
} from './tables/misfiled-exits.js';
import { rawExits } from './tables/tables.js';
import type { TableWriter } from './tables/table-writer.js';

/** The index of a smaller data file is checked before the store is open: within half a second. */
const SMALL_BYTES = 8 * 1024 * 1024;
/** Entries looked up in one iteration of the event loop, and the time between two of them. */
const SLICE_ENTRIES = 200;
const PAUSE_MS = 20;

/** A reason why reads by container fail, and the code of their error. */
interface IndexDamage {
  readonly code: 'UNAVAILABLE' | 'DATA_LOSS';
  readonly reason: string;
}

const REBUILDING: IndexDamage = {
  code: 'UNAVAILABLE',
  reason: 'is being rebuilt: try again later',
};
const NO_SPACE: IndexDamage = {
  code: 'DATA_LOSS',
  reason: 'the disk has no space to rebuild it',
};

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
  #damage: IndexDamage | undefined;
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
    const { code, reason } = this.#damage;
    throw new FoghornError(code, `the index of containers is damaged, and ${reason}`);
  }

  /** Ends the check. Resolves once nothing more is read or written. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#checking;
  }

  async #check(isFast: boolean): Promise<void> {
    const { directory, writer, warn, putLost } = this.store;
    try {
      if (!isRebuilding(this.store.tables) && !(await this.#lacksRows(isFast))) return;
      this.#damage = REBUILDING;
      const raw = [...rawExits(this.store.tables.root)];
      const exits = rowsOfMisfiledExits(this.store, raw) ?? exitsWithReadableKeys(this.store, raw);
      if (exits !== undefined) await rewriteExits(this.store.tables.exits, writer, exits);
      await rebuildIndex(this.store, writer, putLost);
      this.#damage = undefined;
      warn(`the index of containers in ${directory} was damaged: it was rebuilt from the entries`);
    } catch (error) {
      // A write that fails for another reason is the store's failure, which ends the process.
      const reason = `it cannot be rebuilt: ${(error as Error).message}`;
      this.#damage = isOutOfSpace(error) ? NO_SPACE : { code: 'DATA_LOSS', reason };
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
