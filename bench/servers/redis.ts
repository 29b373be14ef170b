import { missing, versionOf } from '../support/installed.js';
import type { Defer } from '../support/resources.js';
import { RedisServer } from '../../test/support/redis/redis-server.js';

export const IOREDIS = {
  name: 'Redis Streams, ioredis',
  version: versionOf('redis-server'),
  missing: missing('redis-server'),
} as const;

export interface StartedRedis {
  readonly server: RedisServer;
  readonly pid: number;
}

/**
 * Starts a Redis that does not rewrite its append-only file during a round.
 *
 * @param appendfsync `always` makes it answer only when the data is on disk
 */
export async function startRedis(
  defer: Defer,
  appendfsync: 'always' | 'everysec',
): Promise<StartedRedis> {
  const args = ['--appendfsync', appendfsync, '--auto-aof-rewrite-percentage', '0'];
  const server = await RedisServer.start({ args });
  defer(() => server.stop());
  const { pid } = server;
  if (pid === undefined) throw new Error('Redis does not run');
  return { server, pid };
}
