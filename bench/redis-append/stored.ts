import { connect } from '../../client/index.js';
import type { RedisServer } from '../../test/support/redis/redis-server.js';

/** Rejects unless a stream has exactly the acknowledged number of entries. */
export async function checkPlain(
  redis: RedisServer,
  stream: string,
  acknowledged: number,
): Promise<void> {
  check(`stream ${stream}`, await redis.client().xlen(stream), acknowledged);
}

/** Rejects unless both the broker and Redis report exactly the acknowledged number of entries. */
export async function checkPublished(
  address: string,
  redis: RedisServer | undefined,
  acknowledged: number,
): Promise<void> {
  const client = connect({ address });
  try {
    const { epoch, entryCount, last } = await client.describe();
    check('entries in the history', Number(entryCount), acknowledged);
    check('the newest offset', Number(last?.offset ?? 0n), acknowledged);
    if (redis === undefined) return;
    const stream = `{foghorn}:${epoch}:entries`;
    const [row] = await redis.client().xrevrange(stream, '+', '-', 'COUNT', 1);
    check(`the newest offset in ${stream}`, Number.parseInt(row?.[0] ?? ''), acknowledged);
  } finally {
    await client.close();
  }
}

function check(what: string, stored: number, acknowledged: number): void {
  if (stored === acknowledged) return;
  throw new Error(`${what}: expected ${acknowledged}, as many as were acknowledged, got ${stored}`);
}
