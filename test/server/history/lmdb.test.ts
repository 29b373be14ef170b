import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LmdbStore } from '../../../server/history/lmdb/lmdb-store.js';
import { describeEventStore } from './conformance.js';

describeEventStore('lmdb', {
  durability: 'fsync',
  survives: true,
  makePlace: async () => {
    const directory = await mkdtemp(join(tmpdir(), 'foghorn-history-'));
    return {
      open: (settings) => LmdbStore.open(directory, settings),
      remove: () => rm(directory, { recursive: true }),
    };
  },
});
