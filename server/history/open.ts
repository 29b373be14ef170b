import { resolve } from 'node:path';
import { FoghornError } from '../../protos/errors.js';
import type { Clock } from '../events/clock.js';
import { LmdbStore } from './lmdb/lmdb-store.js';
import { MemoryStore } from './memory/memory-store.js';
import type { EventStore } from './store.js';

/** Opens the store that a URL names: `lmdb:PATH` or `memory:`. Throws INVALID_ARGUMENT for any other. */
export async function openStore(url: string, clock: Clock): Promise<EventStore> {
  if (url === 'memory:') return new MemoryStore(clock);
  const path = /^lmdb:(?:\/\/)?(.+)$/.exec(url)?.[1];
  if (path !== undefined) return LmdbStore.open(resolve(path), clock);
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `unknown store ${JSON.stringify(url)}: expected lmdb:PATH or memory:`,
  );
}
