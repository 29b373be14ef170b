import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { RedisStore } from '../../../server/history/redis/redis-store.js';
import type { StoreSettings } from '../../../server/history/store.js';

const QUIET = { allowEviction: false, warn: (): void => {} };

/** A key prefix of its own in a Redis. */
export interface RedisLocation {
  open(settings: StoreSettings): Promise<RedisStore>;
  remove(): Promise<void>;
}

/**
 * Makes a location for one history among others in the same Redis.
 *
 * @param url store URL without a prefix
 * @param nodes clients of all masters, for removing the keys
 */
export function makeRedisLocation(url: string, nodes: () => readonly Redis[]): RedisLocation {
  const prefix = `test-${randomBytes(6).toString('hex')}`;
  const location = withPrefix(url, prefix);
  return {
    open: (settings) => RedisStore.open(location, settings, QUIET),
    remove: async () => {
      for (const node of nodes()) await removeKeys(node, prefix);
    },
  };
}

/** Adds the parameter to a store URL. */
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
