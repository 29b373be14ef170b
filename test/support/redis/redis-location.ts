import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { RedisStore } from '../../../server/history/redis/redis-store.js';
import type { StoreSettings } from '../../../server/history/store.js';

const QUIET = { allowEviction: false, warn: (): void => {} };

/** A key prefix of its own in a Redis. */
export interface RedisLocation {
  open(settings: StoreSettings): Promise<RedisStore>;
  damage(text: string): Promise<void>;
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
    damage: async (text) => {
      for (const node of nodes()) await damageStreams(node, prefix, text);
    },
    remove: async () => {
      for (const node of nodes()) await removeKeys(node, prefix);
    },
  };
}

/** Adds the parameter to a store URL. */
export function withPrefix(url: string, prefix: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}prefix=${prefix}`;
}

/** Changes a byte of a text wherever a stream of the prefix has it. */
async function damageStreams(client: Redis, prefix: string, text: string): Promise<void> {
  for (const key of await client.keys(`{${prefix}}:*`)) {
    if ((await client.type(key)) !== 'stream') continue;
    const rows = await client.xrangeBuffer(key, '-', '+');
    if (!rows.some(([, fields]) => fields.some((field) => field.includes(text)))) continue;
    await client.del(key);
    for (const [id, fields] of rows) await client.xadd(key, id, ...fields.map(damagedCopy));
  }

  function damagedCopy(field: Buffer): Buffer {
    const at = field.indexOf(text);
    if (at !== -1) field[at + 3]! ^= 0x10;
    return field;
  }
}

async function removeKeys(client: Redis, prefix: string): Promise<void> {
  let cursor = '0';
  do {
    const [next, keys] = await client.scan(cursor, 'MATCH', `{${prefix}}:*`, 'COUNT', 1000);
    if (keys.length > 0) await client.del(...keys);
    cursor = next;
  } while (cursor !== '0');
}
