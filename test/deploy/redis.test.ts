import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { systemClock } from '../../protocol/clock.js';
import { openStore } from '../../server/history/open.js';
import { RedisServer } from '../support/redis/redis-server.js';
import { readCompose } from './compose-file.js';

/** Settings that lose events: Redis's defaults, or worse. The compose file must override them. */
const UNSAFE_SETTINGS = [
  ...['--appendonly', 'no'],
  ...['--appendfsync', 'no'],
  ...['--maxmemory-policy', 'allkeys-lru'],
];

const redis = readCompose().services.redis!;

describe('the Redis of docker-compose.yml', () => {
  let server: RedisServer;

  before(async () => {
    const [program, ...args] = redis.command!;
    expect(program).to.equal('redis-server');
    server = await RedisServer.start({ args: [...UNSAFE_SETTINGS, ...args] });
  });

  after(async () => {
    await server.stop();
  });

  it('is accepted by brokers without a warning, and flushes before it acknowledges', async () => {
    const warnings: string[] = [];
    const warn = (text: string) => warnings.push(text);
    const store = await openStore(server.url, systemClock, { warn });
    const { durability } = store;
    await store.close();
    expect({ durability, warnings }).to.deep.equal({ durability: 'fsync', warnings: [] });
  });

  it('has a health check that passes, but fails if Redis answers with an error', async () => {
    const [form, program = '', ...args] = redis.healthcheck!.test!;
    expect(form).to.equal('CMD');
    const check = (...more: string[]) =>
      promisify(execFile)(program, ['-p', `${server.port}`, ...args, ...more]);
    expect((await check()).stdout).to.equal('PONG\n');
    const failure = await check('too', 'much').catch((error: unknown) => error);
    expect(failure).to.have.property('code', 1);
  });
});
