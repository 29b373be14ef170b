import { RedisServer } from '../../test/support/redis/redis-server.js';

/** Version of the installed Redis. */
export async function redisVersion(): Promise<string> {
  const redis = await RedisServer.start();
  try {
    const info = await redis.client().info('server');
    return /redis_version:(\S+)/.exec(info)?.[1] ?? 'of unknown version';
  } finally {
    await redis.stop();
  }
}
