import { FoghornError, type ErrorCode } from '../../../protos/errors.js';
import { systemClock } from '../../../protos/clock.js';
import { LmdbStore } from '../../../server/history/lmdb/lmdb-store.js';
import { textsOf } from './conformance/store-under-test.js';
import { CONTAINER } from './store-directory.js';
import type { StoreAnswer, StoreCall } from './store-process.js';

/*
 * A process that does with a store what its parent says. An unhandled rejection ends it, as it would end a broker.
 */

let store: LmdbStore;

const actions = {
  open: async (directory: string): Promise<string> => {
    store = await LmdbStore.open(directory, systemClock());
    return store.epoch;
  },
  append: (text: string): Promise<number> =>
    store.append([{ bytes: Buffer.from(text), timestamp: 0n, key: CONTAINER }]),
  /** Appends texts of a size, each on its own and all at once; gives each one's offset or error code. */
  appendMany: (count: number, size: number): Promise<(number | string)[]> => {
    const append = (_: unknown, i: number): Promise<number | string> =>
      actions.append(`event ${i} `.padEnd(size, 'x')).catch(codeOf);
    return Promise.all(Array.from({ length: count }, append));
  },
  /** Gives the texts of the entries after an offset. */
  read: async (after: number, entries: number): Promise<string[]> =>
    textsOf(await store.read(after, { entries, bytes: Infinity })),
  readContainer: async (after: number, entries: number): Promise<string[]> =>
    textsOf(await store.read(after, { entries, bytes: Infinity }, CONTAINER)),
  last: async (): Promise<number> => (await store.bounds()).last,
  close: (): Promise<void> => store.close(),
  /** Appends from many callers, and tells what was acknowledged, until it is killed. */
  appendForever: async (callers: number): Promise<void> => {
    await Promise.all(Array.from({ length: callers }, (_, caller) => appendFrom(caller)));
  },
};

export type StoreActions = typeof actions;

async function appendFrom(caller: number): Promise<void> {
  const key = { namespace: 'default', container: `container-${caller % 10}` };
  for (let i = 0; ; i++) {
    const text = `caller ${caller}, event ${i}, ${'x'.repeat((caller * 37 + i * 11) % 3000)}`;
    const offset = await store.append([{ bytes: Buffer.from(text), timestamp: 0n, key }]);
    answer({ acknowledged: [offset, text] });
  }
}

function codeOf(error: unknown): ErrorCode {
  return error instanceof FoghornError ? error.code : 'UNKNOWN';
}

function answer(message: StoreAnswer): void {
  process.send?.(message);
}

process.on('message', ({ id, action, args }: StoreCall) => {
  const perform = actions[action] as (...args: unknown[]) => Promise<unknown>;
  perform(...args).then(
    (value) => {
      answer({ id, value });
    },
    (error: unknown) => {
      answer({ id, error: { code: codeOf(error), message: (error as Error).message } });
    },
  );
});
