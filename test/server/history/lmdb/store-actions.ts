import { FoghornError, type ErrorCode } from '../../../../protocol/errors.js';
import type { Damage, ReadResult } from '../../../../server/history/store.js';
import type { LmdbStore } from '../../../../server/history/lmdb/lmdb-store.js';
import {
  ALL,
  envelope,
  KEEP_ALL,
  mainOf,
  textsOf,
} from '../../../../conformance/store/store-under-test.js';
import { CONTAINER, openIn } from './store-directory.js';
import type { Acknowledged } from './store-messages.js';

/** Retention limits in JSON, with the age in decimal digits. */
interface TrimLimits {
  readonly age?: string;
  readonly bytes?: number;
  readonly entries?: number;
}

/** Actions on one store, with arguments and results that can be sent to another process. */
export class StoreActions {
  #store: LmdbStore | undefined;

  /** @param acknowledge called for each acknowledged append of `appendForever` */
  constructor(private readonly acknowledge: (acknowledged: Acknowledged) => void) {}

  get #opened(): LmdbStore {
    if (this.#store === undefined) throw new Error('expected a call of open before this one');
    return this.#store;
  }

  /** Returns the epoch. */
  async open(directory: string): Promise<string> {
    this.#store = await openIn(directory);
    return this.#store.epoch;
  }

  async append(text: string, isLasting = false): Promise<number> {
    const retention = isLasting ? 'lasting' : 'ordinary';
    const [appended] = await this.#opened.append([envelope(text, { key: CONTAINER, retention })]);
    return appended!.offset;
  }

  /** Appends texts concurrently, one per call; returns the offset or error code of each. */
  appendMany(count: number, size: number, isLasting = false): Promise<(number | string)[]> {
    const append = (_: unknown, i: number): Promise<number | string> =>
      this.append(`event ${i} `.padEnd(size, 'x'), isLasting).catch(codeOf);
    return Promise.all(Array.from({ length: count }, append));
  }

  /** Returns the texts of the entries after an offset, or the damage there. */
  async read(after: number, entries: number): Promise<string[] | Damage> {
    return textsOrDamage(await this.#opened.read(after, { entries, bytes: Infinity }));
  }

  async readContainer(after: number, entries: number): Promise<string[] | Damage> {
    return textsOrDamage(await this.#opened.read(after, { entries, bytes: Infinity }, CONTAINER));
  }

  async readLasting(): Promise<string[]> {
    return textsOf(await this.#opened.readLasting(0, ALL));
  }

  async readLastingOfContainer(): Promise<string[]> {
    return textsOf(await this.#opened.readLasting(0, ALL, CONTAINER));
  }

  async first(): Promise<number> {
    return (await this.#opened.bounds()).first;
  }

  async last(): Promise<number> {
    return (await this.#opened.bounds()).last;
  }

  /** Trims until nothing exceeds the limits; returns the number of removed entries. */
  async trim({ age, ...limits }: TrimLimits): Promise<number> {
    const retention = { ...KEEP_ALL, ...limits, age: age === undefined ? undefined : BigInt(age) };
    let removed = 0;
    for (let done = false; !done;) {
      const step = await this.#opened.trim(retention);
      removed += step.removed;
      done = step.done;
    }
    return removed;
  }

  async close(): Promise<void> {
    await this.#store?.close();
    this.#store = undefined;
  }

  /**
   * Appends, trims and reports acknowledged appends until the process is killed. Each caller starts
   * at `from[caller]`.
   */
  async appendForever(from: readonly number[]): Promise<void> {
    await Promise.all([
      ...from.map((i, caller) => this.#appendFrom(caller, i)),
      this.#trimForever(),
    ]);
  }

  async #appendFrom(caller: number, from: number): Promise<void> {
    const path = `default\0container-${caller % 10}`;
    for (let i = from; ; i++) {
      const text = `caller ${caller}, event ${i}, ${'x'.repeat((caller * 37 + i * 11) % 3000)}`;
      const key = i % 3 === 0 ? mainOf(path) : path;
      const isLasting = i % 5 === 0;
      const retention = isLasting ? 'lasting' : 'ordinary';
      const dedupeKey = `${caller}/${i}`;
      const entry = envelope(text, { key, retention, dedupeKey });
      const [appended] = await this.#opened.append([entry]);
      this.acknowledge({ caller, event: i, text, ...appended!, isLasting });
    }
  }

  async #trimForever(): Promise<void> {
    for (;;) await this.#opened.trim({ ...KEEP_ALL, entries: 300 });
  }
}

/** Performs an action by its name. */
export function perform(
  actions: StoreActions,
  name: string,
  args: readonly unknown[],
): Promise<unknown> {
  const byName = actions as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  return byName[name]!(...args);
}

function textsOrDamage(read: ReadResult): string[] | Damage {
  return read.kind === 'damaged' ? read : textsOf(read);
}

function codeOf(error: unknown): ErrorCode {
  return error instanceof FoghornError ? error.code : 'UNKNOWN';
}
