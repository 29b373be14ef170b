import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RedisServer } from '../../test/support/redis/redis-server.js';
import { rotateUnder } from './rotation.js';
import { runTenants } from './run.js';

const SHOWN_FAULTS = 20;
/** Time within which changed files are to be in force. */
const IN_FORCE_MS = 2000;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    tenants: { type: 'string', default: '20' },
    subscribers: { type: 'string', default: '1000' },
    /** How many times slower than promised changed files may be in force, on a busy machine. */
    tolerance: { type: 'string', default: '1' },
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
      `${checker.refused} refused, ${checker.unanswered} without an answer, ` +
      `${checker.faults.length} faults`,
  );
  show(checker.faults);
}
await redis.stop();

const { subscribers, events, times, faults: seen } = await rotateUnder(Number(values.subscribers));
const late = Object.entries(times).filter(
  ([, time]) => time > IN_FORCE_MS * Number(values.tolerance),
);
const rotationFaults = [...seen, ...late.map(([what, time]) => `late: ${what}: ${time} ms`)];
const shownTimes = Object.entries(times).map(([what, time]) => `${what} ${Math.round(time)} ms`);
console.log(
  `${subscribers} subscribers over TLS, ${events} events each, in force after: ` +
    `${shownTimes.join(', ')}; ${rotationFaults.length} faults`,
);
show(rotationFaults);
rmSync(directory, { recursive: true, force: true });
process.exitCode = faults === 0 ? 0 : 1;

function show(found: readonly string[]): void {
  for (const fault of found.slice(0, SHOWN_FAULTS)) console.log(`  ${fault}`);
  faults += found.length;
}
