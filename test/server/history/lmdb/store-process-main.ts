import { FoghornError, type ErrorCode } from '../../../../protocol/errors.js';
import type { Damage, ReadResult } from '../../../../server/history/store.js';
import type { LmdbStore } from '../../../../server/history/lmdb/lmdb-store.js';
import {
  envelope,
  KEEP_ALL,
  mainOf,
  textsOf,
} from '../../../../conformance/store/store-under-test.js';
import { CONTAINER, openIn } from './store-directory.js';
import type { StoreAnswer, StoreCall } from './store-messages.js';

/*
 * A process that runs store actions for its parent. An unhandled rejection ends it, as it ends a
 * broker.
 */

/** Retention limits in JSON, with the age in decimal digits. */
interface TrimLimits {
  readonly age?: string;
  readonly bytes?: number;
  readonly entries?: number;
}

let store: LmdbStore;

const actions = {
  open: async (directory: string): Promise<string> => {
    store = await openIn(directory);
    return store.epoch;
  },
  append: async (text: string, isLasting = false): Promise<number> => {
    const retention = isLasting ? 'lasting' : 'ordinary';
    const [appended] = await store.append([envelope(text, { key: CONTAINER, retention })]);
    return appended!.offset;
  },
  /** Appends texts concurrently, one per call; returns the offset or error code of each. */
  appendMany: (count: number, size: number, isLasting = false): Promise<(number | string)[]> => {
    const append = (_: unknown, i: number): Promise<number | string> =>
      actions.append(`event ${i} `.padEnd(size, 'x'), isLasting).catch(codeOf);
    return Promise.all(Array.from({ length: count }, append));
  },
  /** Returns the texts of the entries after an offset, or the damage there. */
  read: async (after: number, entries: number): Promise<string[] | Damage> =>
    textsOrDamage(await store.read(after, { entries, bytes: Infinity })),
  readContainer: async (after: number, entries: number): Promise<string[] | Damage> =>
    textsOrDamage(await store.read(after, { entries, bytes: Infinity }, CONTAINER)),
  readLasting: async (): Promise<string[]> =>
    textsOf(await store.readLasting(0, { entries: Infinity, bytes: Infinity })),
  readLastingOfContainer: async (): Promise<string[]> =>
    textsOf(await store.readLasting(0, { entries: Infinity, bytes: Infinity }, CONTAINER)),
  first: async (): Promise<number> => (await store.bounds()).first,
  last: async (): Promise<number> => (await store.bounds()).last,
  /** Trims until nothing exceeds the limits; returns the number of removed entries. */
  trim: async ({ age, ...limits }: TrimLimits): Promise<number> => {
    const retention = { ...KEEP_ALL, ...limits, age: age === undefined ? undefined : BigInt(age) };
    let removed = 0;
    for (let done = false; !done;) {
      const step = await store.trim(retention);
      removed += step.removed;
      done = step.done;
    }
    return removed;
  },
  close: (): Promise<void> => store.close(),
  /**
   * Appends, trims and reports acknowledged appends until it is killed. Each caller starts at
   * `from[caller]`.
   */
  appendForever: async (from: number[]): Promise<void> => {
    await Promise.all([...from.map((i, caller) => appendFrom(caller, i)), trimForever()]);
  },
};

export type StoreActions = typeof actions;

async function appendFrom(caller: number, from: number): Promise<void> {
  const path = `default\0container-${caller % 10}`;
  for (let i = from; ; i++) {
    const text = `caller ${caller}, event ${i}, ${'x'.repeat((caller * 37 + i * 11) % 3000)}`;
    const key = i % 3 === 0 ? mainOf(path) : path;
    const isLasting = i % 5 === 0;
    const retention = isLasting ? 'lasting' : 'ordinary';
    const dedupeKey = `${caller}/${i}`;
    const [appended] = await store.append([envelope(text, { key, retention, dedupeKey })]);
    answer({ acknowledged: { caller, event: i, text, ...appended!, isLasting } });
  }
}

async function trimForever(): Promise<void> {
  for (;;) await store.trim({ ...KEEP_ALL, entries: 300 });
}

function textsOrDamage(read: ReadResult): string[] | Damage {
  return read.kind === 'damaged' ? read : textsOf(read);
}

function codeOf(error: unknown): ErrorCode {
  return error instanceof FoghornError ? error.code : 'UNKNOWN';
}

function answer(message: StoreAnswer): void {
  process.send?.(message);
}

process.on('message', ({ id, action, args }: StoreCall) => {
  const perform = actions[action as keyof StoreActions] as (...args: unknown[]) => Promise<unknown>;
  perform(...args).then(
    (value) => {
      answer({ id, value });
    },
    (error: unknown) => {
      answer({ id, error: { code: codeOf(error), message: (error as Error).message } });
    },
  );
});
