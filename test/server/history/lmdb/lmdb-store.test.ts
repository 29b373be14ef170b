import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LmdbStore } from '../../../../server/history/lmdb/lmdb-store.js';
import type { StoreSettings } from '../../../../server/history/store.js';
import { describeEventStore } from '../../../../conformance/store/index.js';
import { KEEP_ALL, type StorePlace } from '../../../../conformance/store/store-under-test.js';

const IS = { durability: 'fsync', survives: true } as const;

describeEventStore('lmdb', {
  ...IS,
  makePlace: () => placeFor((directory, settings) => LmdbStore.open(directory, settings)),
});

/** The same tests with a checkpoint after each append, because few of them outgrow the log. */
describeEventStore('lmdb, with a checkpoint after each append', {
  ...IS,
  makePlace: () => placeFor(openCheckpointing),
});

async function openCheckpointing(directory: string, settings: StoreSettings): Promise<LmdbStore> {
  const store = await LmdbStore.open(directory, settings);
  const append = store.append.bind(store);
  store.append = async (envelopes) => {
    const appended = await append(envelopes);
    // A trim checkpoints first; the store may be closed meanwhile.
    await store.trim(KEEP_ALL).catch(() => undefined);
    return appended;
  };
  return store;
}

async function placeFor(
  open: (directory: string, settings: StoreSettings) => Promise<LmdbStore>,
): Promise<StorePlace> {
  const directory = await mkdtemp(join(tmpdir(), 'foghorn-history-'));
  return {
    open: (settings) => open(directory, settings),
    remove: () => rm(directory, { recursive: true }),
  };
}
