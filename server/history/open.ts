import { resolve } from 'node:path';
import { FoghornError } from '../../protos/errors.js';
import type { Clock } from '../../protos/clock.js';
import { filingOf } from '../events/filing.js';
import { LmdbStore } from './lmdb/lmdb-store.js';
import { MemoryStore } from './memory/memory-store.js';
import type { EventStore } from './store.js';

/** Long enough for a publisher that was stopped, or whose machine was restarted, to send again what it has no answer for. */
const DEDUPE_WINDOW = { entries: 1_000_000, age: 24n * 3600n * 1_000_000_000n };

/** Opens the store that a URL names: `lmdb:PATH` or `memory:`. Throws INVALID_ARGUMENT for any other. */
export async function openStore(url: string, clock: Clock): Promise<EventStore> {
  const settings = { clock, filingOf, dedupeWindow: DEDUPE_WINDOW };
  if (url === 'memory:') return new MemoryStore(settings);
  const path = /^lmdb:(?:\/\/)?(.+)$/.exec(url)?.[1];
  if (path !== undefined) return LmdbStore.open(resolve(path), settings);
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `unknown store ${JSON.stringify(url)}: expected lmdb:PATH or memory:`,
  );
}
