import { setTimeout as delay } from 'node:timers/promises';
import { FoghornError } from '../../../../protocol/errors.js';
import { DataFileSpace } from '../guard/data-file-space.js';
import { isOutOfSpace } from '../guard/io-error.js';
import type { Tables } from './tables.js';

/** A transaction that takes longer is hung, even on a slow disk. */
const TRANSACTION_TIMEOUT_MS = 60_000;
/** Time in which lmdb gives the cause of a failed transaction. */
const CAUSE_TIMEOUT_MS = 1000;

/** Limits that tests shorten. */
export interface TableWriterOptions {
  readonly transactionTimeoutMs?: number;
}

/**
 * Commits to the tables, one transaction at a time, after reserving disk space for it.
 *
 * A failed transaction is final. LMDB may have corrupted its memory or hold its lock for ever, so
 * nothing may be asked of it afterwards, and only a new process can continue. A transaction that
 * follows a failed one would also leave a hole in the tables.
 */
export class TableWriter {
  readonly #space: DataFileSpace;
  readonly #timeoutMs: number;
  #last: Promise<unknown> = Promise.resolve();
  #failure: FoghornError | undefined;

  /**
   * @param onFailure called once, when a transaction has failed (INTERNAL) or does not end
   *   (DEADLINE_EXCEEDED)
   */
  constructor(
    directory: string,
    private readonly root: Pick<Tables['root'], 'batch' | 'getStats'>,
    private readonly onFailure: (failure: FoghornError) => void,
    { transactionTimeoutMs = TRANSACTION_TIMEOUT_MS }: TableWriterOptions = {},
  ) {
    this.#space = new DataFileSpace(directory, root);
    this.#timeoutMs = transactionTimeoutMs;
  }

  /** Why the tables can no longer be used, if so. */
  get failure(): FoghornError | undefined {
    return this.#failure;
  }

  /** Throws UNAVAILABLE once the tables can no longer be used. */
  checkWorking(): void {
    if (this.#failure === undefined) return;
    throw new FoghornError('UNAVAILABLE', `the store has failed: ${this.#failure.message}`);
  }

  /**
   * Makes an error that LMDB throws while the tables are read the failure, and returns it: LMDB
   * refuses everything, also reads, from a failed write on, and may do so before that is reported.
   * Returns errors of ours as they are.
   */
  failedBy(error: unknown): FoghornError {
    return error instanceof FoghornError ? error : this.#fail(failed(error));
  }

  /**
   * Puts slices into the tables, in order, each one in a transaction of its own and in one
   * iteration of the event loop. Resolves when all are flushed; rejects with the file system's
   * error when the disk has no space for them, and with the failure when a transaction fails.
   *
   * @param pages the most pages that all of them may take
   * @param put must not throw, because lmdb would commit what it has put before
   */
  commit<Slice>(
    pages: () => number,
    slices: Iterable<Slice>,
    put: (slice: Slice) => void,
  ): Promise<void> {
    const committed = this.#last.then(() => this.#commit(pages, slices, put));
    this.#last = committed.catch(() => undefined);
    return committed;
  }

  async #commit<Slice>(
    pages: () => number,
    slices: Iterable<Slice>,
    put: (slice: Slice) => void,
  ): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#reserve(pages);
    for (const slice of slices) {
      // Lets an append that is under way be written first.
      await new Promise(setImmediate);
      await this.#transaction(() => {
        put(slice);
      });
    }
  }

  #reserve(pages: () => number): void {
    try {
      this.#space.reserve(pages);
    } catch (error) {
      throw isOutOfSpace(error) ? error : this.#fail(failed(error));
    }
  }

  #transaction(put: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(this.#fail(hung(this.#timeoutMs)));
      }, this.#timeoutMs).unref();
      this.#batch(put)
        .then(resolve, reject)
        .finally(() => {
          clearTimeout(timer);
        });
    });
  }

  async #batch(put: () => void): Promise<void> {
    try {
      await this.root.batch(put);
    } catch (error) {
      throw this.#fail(failed(await causeOf(error)));
    }
  }

  /** Records the first failure; returns it. */
  #fail(failure: FoghornError): FoghornError {
    if (this.#failure === undefined) {
      this.#failure = failure;
      this.onFailure(failure);
    }
    return this.#failure;
  }

  /** Resolves once the commit under way has ended. */
  async close(): Promise<void> {
    await this.#last;
    this.#space.close();
  }
}

/** The cause of a failed batch, which lmdb keeps in a promise beside the error. */
async function causeOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: Promise<never> };
  if (commitError === undefined) return error;
  const cause = commitError.catch((reason: unknown) => reason);
  return Promise.race([cause, delay(CAUSE_TIMEOUT_MS, error, { ref: false })]);
}

function failed(cause: unknown): FoghornError {
  const { message } = cause as Error;
  return new FoghornError('INTERNAL', `writing data.mdb failed: ${message}`, { cause });
}

function hung(ms: number): FoghornError {
  return new FoghornError('DEADLINE_EXCEEDED', `writing data.mdb did not end within ${ms} ms`);
}
