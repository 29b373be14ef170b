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
 * A Redis of its own. Its append-only file is not rewritten in the midst of a round.
 *
 * @param appendfsync `always` for one that answers when the disk has it
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
