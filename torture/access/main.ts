import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RedisServer } from '../../test/support/redis/redis-server.js';
import { runTenants } from './run.js';

const SHOWN_FAULTS = 20;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    tenants: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const seed = Number(values.seed);
// Half of the time for one broker with a history of its own, half for two that share one in Redis.
const ms = (Number(values.seconds) * 1000) / 2;
const directory = mkdtempSync(join(tmpdir(), 'foghorn-access-'));
const redis = await RedisServer.start();
let faults = 0;
const embedded = `lmdb:${join(directory, 'store')}`;
for (const stores of [[embedded], [redis.url, redis.url]]) {
  const end = performance.now() + ms;
  const checker = await runTenants({
    tenants: Number(values.tenants),
    seed,
    stores,
    mayContinue: () => performance.now() < end,
  });
  const brokers = stores.length === 1 ? '1 broker' : '2 brokers on one Redis';
  console.log(
    `${brokers}, seed ${seed}: ${checker.calls} calls of ${values.tenants} callers, ` +
      `${checker.refused} refused, ${checker.faults.length} faults`,
  );
  for (const fault of checker.faults.slice(0, SHOWN_FAULTS)) console.log(`  ${fault}`);
  faults += checker.faults.length;
}
await redis.stop();
rmSync(directory, { recursive: true, force: true });
process.exitCode = faults === 0 ? 0 : 1;
