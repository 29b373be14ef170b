import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { RedisStore } from '../../../server/history/redis/redis-store.js';
import type { StoreSettings } from '../../../server/history/store.js';

/** What tests say yes to and do not want to hear. */
const QUIET = { allowEviction: false, warn: (): void => {} };

/** Keys in a Redis that nobody else uses. */
export interface RedisPlace {
  open(settings: StoreSettings): Promise<RedisStore>;
  remove(): Promise<void>;
}

/**
 * A place for one history among others in the same Redis.
 *
 * @param url store URL without a prefix
 * @param nodes clients of all masters, to remove the keys by
 */
export function makeRedisPlace(url: string, nodes: () => readonly Redis[]): RedisPlace {
  const prefix = `test-${randomBytes(6).toString('hex')}`;
  const place = withPrefix(url, prefix);
  return {
    open: (settings) => RedisStore.open(place, settings, QUIET),
    remove: async () => {
      for (const node of nodes()) await removeKeys(node, prefix);
    },
  };
}

/** A store URL with a parameter more. */
export function withPrefix(url: string, prefix: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}prefix=${prefix}`;
}

async function removeKeys(client: Redis, prefix: string): Promise<void> {
  let cursor = '0';
  do {
    const [next, keys] = await client.scan(cursor, 'MATCH', `{${prefix}}:*`, 'COUNT', 1000);
    if (keys.length > 0) await client.del(...keys);
    cursor = next;
  } while (cursor !== '0');
}
