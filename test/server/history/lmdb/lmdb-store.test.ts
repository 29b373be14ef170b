import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LmdbStore } from '../../../../server/history/lmdb/lmdb-store.js';
import type { StoreSettings } from '../../../../server/history/store.js';
import { describeEventStore, type StoreLocation } from '../../../../conformance/store/index.js';
import { KEEP_ALL } from '../../../../conformance/store/store-under-test.js';

const frame = { describe, it, beforeEach, afterEach };
const PROPERTIES = { durability: 'fsync', persistent: true } as const;

describeEventStore(frame, {
  name: 'lmdb',
  ...PROPERTIES,
  makeLocation: () => locationFor((directory, settings) => LmdbStore.open(directory, settings)),
});

/** The same tests with a checkpoint after each append, because few of them outgrow the log. */
describeEventStore(frame, {
  name: 'lmdb, with a checkpoint after each append',
  ...PROPERTIES,
  makeLocation: () => locationFor(openCheckpointing),
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

async function locationFor(
  open: (directory: string, settings: StoreSettings) => Promise<LmdbStore>,
): Promise<StoreLocation> {
  const directory = await mkdtemp(join(tmpdir(), 'foghorn-history-'));
  return {
    open: (settings) => open(directory, settings),
    remove: () => rm(directory, { recursive: true }),
  };
}
