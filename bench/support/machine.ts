import { cpus } from 'node:os';
import { RedisServer } from '../../test/support/redis/redis-server.js';

/** What the figures were measured on, in one line. */
export async function machineLine(): Promise<string> {
  const [processor] = cpus();
  return [
    `${cpus().length} × ${processor?.model.trim() ?? 'unknown processor'}`,
    `Node ${process.version}`,
    `Redis ${await redisVersion()}`,
  ].join(', ');
}

async function redisVersion(): Promise<string> {
  const redis = await RedisServer.start();
  try {
    const info = await redis.client().info('server');
    return /redis_version:(\S+)/.exec(info)?.[1] ?? 'of unknown version';
  } finally {
    await redis.stop();
  }
}
