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
    /** One of FORMS, without the others. */
    only: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const FORMS = ['embedded', 'redis', 'trimmed', 'rotation'];
if (values.only !== undefined && !FORMS.includes(values.only)) {
  throw new Error(`--only ${values.only}: expected one of ${FORMS.join(', ')}`);
}
const seed = Number(values.seed);
const directory = mkdtempSync(join(tmpdir(), 'foghorn-access-'));
const redis = await RedisServer.start();
let faults = 0;
const forms = [
  { form: 'embedded', what: '1 broker', stores: [`lmdb:${join(directory, 'store')}`] },
  { form: 'redis', what: '2 brokers on one Redis', stores: [redis.url, redis.url] },
  {
    form: 'trimmed',
    what: '1 broker that keeps 200 events',
    stores: ['memory:'],
    keptEntries: 200,
  },
].filter(({ form }) => values.only === undefined || values.only === form);
// Each form has its share of the time.
const ms = (Number(values.seconds) * 1000) / Math.max(1, forms.length);
for (const { what, stores, keptEntries } of forms) {
  const end = performance.now() + ms;
  const checker = await runTenants({
    tenants: Number(values.tenants),
    seed,
    stores,
    keptEntries,
    mayContinue: () => performance.now() < end,
  });
  console.log(
    `${what}, seed ${seed}: ${checker.calls} calls of ${values.tenants} callers, ` +
      `${checker.refused} refused, ${checker.unanswered} without an answer, ` +
      `${checker.faults.length} faults`,
  );
  show(checker.faults);
}
await redis.stop();

if (values.only === undefined || values.only === 'rotation') await rotate();
rmSync(directory, { recursive: true, force: true });
process.exitCode = faults === 0 ? 0 : 1;

async function rotate(): Promise<void> {
  const {
    subscribers,
    events,
    times,
    faults: seen,
  } = await rotateUnder(Number(values.subscribers));
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
}

function show(found: readonly string[]): void {
  for (const fault of found.slice(0, SHOWN_FAULTS)) console.log(`  ${fault}`);
  faults += found.length;
}
