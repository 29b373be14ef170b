import { expect } from 'chai';
import { Redis } from 'ioredis';
import { envelope, textsOf } from '../../../conformance/store/store-under-test.js';
import type { RedisStore } from '../../../server/history/redis/redis-store.js';
import { range } from '../../support/history-seed.js';
import { RedisServer } from '../../support/redis/redis-server.js';
import { openStore } from './stores.js';

const MIB = 1024 * 1024;
/** As much as one read of a broker. */
const LIMIT = { entries: 512, bytes: MIB };
const ENTRIES = 40;

describe('a store whose Redis limits the output of each client', () => {
  let redis: RedisServer;
  let store: RedisStore;

  beforeEach(async () => {
    // Redis cuts a client whose replies exceed this, and what it would have answered is lost.
    const limit = 'normal 4mb 4mb 1';
    redis = await RedisServer.start({ args: ['--client-output-buffer-limit', limit] });
    store = await openStore(redis.url);
  });
  afterEach(async () => {
    await store.close();
    await redis.stop();
  });

  function text(number: number): string {
    return `${number} `.padEnd(MIB / 2, 'x');
  }

  async function readAll(after: number): Promise<string[]> {
    const texts: string[] = [];
    for (let at = after; ;) {
      const read = await store.read(at, LIMIT);
      if (read.kind !== 'entries') throw new Error(`unexpected ${read.kind}`);
      if (read.entries.length === 0) return texts;
      texts.push(...textsOf(read));
      at = read.entries.at(-1)!.offset;
    }
  }

  async function disconnections(): Promise<number> {
    const client = new Redis(redis.url);
    const stats = await client.info('stats');
    client.disconnect();
    return Number(/client_output_buffer_limit_disconnections:(\d+)/.exec(stats)?.[1] ?? 0);
  }

  it('reads many times as much in bounded replies, and is never cut', async () => {
    for (const number of range(1, ENTRIES)) await store.append([envelope(text(number))]);
    expect(await readAll(0)).to.deep.equal(range(1, ENTRIES).map(text));
    expect(await disconnections()).to.equal(0);
  });

  it('reads entries of one large append in bounded replies', async () => {
    await store.append(range(1, ENTRIES).map((number) => envelope(text(number))));
    expect(await readAll(0)).to.deep.equal(range(1, ENTRIES).map(text));
    expect(await disconnections()).to.equal(0);
  });
});
