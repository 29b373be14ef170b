import { resolve } from 'node:path';
import { FoghornError } from '../../protocol/errors.js';
import type { Clock } from '../../protocol/clock.js';
import { filingOf } from '../events/filing.js';
import { LmdbStore } from './lmdb/lmdb-store.js';
import { MemoryStore } from './memory/memory-store.js';
import { RedisStore } from './redis/redis-store.js';
import { isRedisUrl, withoutSecrets } from './redis/redis-url.js';
import type { EventStore } from './store.js';

/** Long enough for a publisher that was stopped, or whose machine was restarted, to send again what it has no answer for. */
const DEDUPE_WINDOW = { entries: 1_000_000, age: 24n * 3600n * 1_000_000_000n };

/** What only some stores want to know. */
export interface OpenOptions {
  /** Take a Redis that may evict keys. */
  readonly allowEvictingRedis?: boolean;
  /** Told, in a sentence, what whoever runs the broker should know. */
  readonly warn?: (text: string) => void;
  /** Called when an embedded store has failed for good, so that the process must end. */
  readonly onFailure?: (failure: FoghornError) => void;
}

/**
 * Opens the store that a URL names: `lmdb:PATH`, `memory:`, or a Redis as `parseRedisUrl` takes it. Throws INVALID_ARGUMENT for
 * any other.
 */
export async function openStore(
  url: string,
  clock: Clock,
  { allowEvictingRedis = false, warn = () => undefined, onFailure }: OpenOptions = {},
): Promise<EventStore> {
  const settings = { clock, filingOf, dedupeWindow: DEDUPE_WINDOW };
  if (url === 'memory:') return new MemoryStore(settings);
  if (isRedisUrl(url)) {
    return RedisStore.open(url, settings, { allowEviction: allowEvictingRedis, warn });
  }
  const path = /^lmdb:(?:\/\/)?(.+)$/.exec(url)?.[1];
  if (path !== undefined) return LmdbStore.open(resolve(path), settings, onFailure);
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `unknown store ${JSON.stringify(url)}: expected lmdb:PATH, memory: or redis://HOST:PORT`,
  );
}

/** A store URL without what is secret in it. */
export function publicUrl(url: string): string {
  return isRedisUrl(url) ? withoutSecrets(url) : url;
}
