import { resolve } from 'node:path';
import { FoghornError } from '../../protocol/errors.js';
import { quotedExcerpt } from '../../protocol/excerpt.js';
import type { Clock } from '../../protocol/clock.js';
import { filingOf } from '../events/filing.js';
import { DamageLog } from './damage-log.js';
import { isRedisUrl, withoutSecrets } from './redis/redis-url.js';
import type { EventStore, StoreObserver } from './store.js';

/** Long enough for a publisher that restarts to repeat what was not acknowledged. */
const DEDUPE_WINDOW = { entries: 1_000_000, age: 24n * 3600n * 1_000_000_000n };

/** A clock that differs more from that of Redis is wrong, in seconds. */
const CLOCK_TOLERANCE = 24 * 3600;

/** Options that only some stores use. */
export interface OpenOptions {
  /** Accept a Redis that may evict keys. */
  readonly allowEvictingRedis?: boolean;
  /** Called with a sentence for the operator. */
  readonly warn?: (text: string) => void;
  /** Watches the commits. */
  readonly observer?: StoreObserver;
  /** Called when an embedded store has failed for good, so that the process must end. */
  readonly onFailure?: (failure: FoghornError) => void;
  /**
   * Called when a store can store nothing for now, as on a full disk or while Redis is away, with
   * the reason, and with undefined when it can again.
   */
  readonly onTrouble?: (trouble: FoghornError | undefined) => void;
}

/**
 * Opens the store at a URL: `lmdb:PATH`, `memory:`, or a Redis, see `parseRedisUrl`. Throws
 * INVALID_ARGUMENT for any other URL.
 */
export async function openStore(
  url: string,
  clock: Clock,
  { allowEvictingRedis = false, warn = () => undefined, observer, ...hooks }: OpenOptions = {},
): Promise<EventStore> {
  const onDamage = new DamageLog(warn).report;
  const settings = { clock, classify: filingOf, dedupeWindow: DEDUPE_WINDOW, onDamage, observer };
  // Each driver is loaded where it is chosen, because a broker uses one of them.
  if (url === 'memory:') {
    const { MemoryStore } = await import('./memory/memory-store.js');
    return new MemoryStore(settings);
  }
  if (isRedisUrl(url)) {
    const { RedisStore } = await import('./redis/redis-store.js');
    const { onTrouble } = hooks;
    const allowEviction = allowEvictingRedis;
    const options = { allowEviction, warn, clockTolerance: CLOCK_TOLERANCE, onTrouble };
    return RedisStore.open(url, settings, options);
  }
  const path = embeddedDirectory(url);
  if (path !== undefined) {
    const { LmdbStore } = await import('./lmdb/lmdb-store.js');
    return LmdbStore.open(path, settings, { ...hooks, warn });
  }
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `unknown store ${quotedExcerpt(withoutSecrets(url))}: expected lmdb:PATH, memory: or redis://HOST:PORT`,
  );
}

/** The directory of an embedded store; undefined for the URL of another one. */
export function embeddedDirectory(url: string): string | undefined {
  const path = /^lmdb:(?:\/\/)?(.+)$/.exec(url)?.[1];
  return path && resolve(path);
}

/** Whether a store is in Redis. */
export function isInRedis(url: string): boolean {
  return isRedisUrl(url);
}

/** A store URL without its secrets. */
export function publicUrl(url: string): string {
  return isRedisUrl(url) ? withoutSecrets(url) : url;
}
