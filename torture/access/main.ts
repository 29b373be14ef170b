import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RedisServer } from '../../test/support/redis/redis-server.js';
import { rotateUnder } from './rotation.js';
import { runTenants, type RunOptions } from './run.js';

const SHOWN_FAULTS = 20;
/** Time within which changed files are to be in force. */
const IN_FORCE_MS = 2000;

const { values } = parseArgs({
  options: {
    /** Time for all forms with tenants together. */
    seconds: { type: 'string', default: '600' },
    tenants: { type: 'string', default: '20' },
    subscribers: { type: 'string', default: '1000' },
    /** How many times slower than promised changed files may be in force, on a busy machine. */
    tolerance: { type: 'string', default: '1' },
    /** One form, without the others. */
    only: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
});
const seed = Number(values.seed);
const directory = mkdtempSync(join(tmpdir(), 'foghorn-access-'));
const redis = await RedisServer.start();

/** The brokers that tenants work on, by the name of the form. */
const TENANT_FORMS: ReadonlyMap<string, Pick<RunOptions, 'stores' | 'keptEntries'>> = new Map([
  ['embedded', { stores: [`lmdb:${join(directory, 'store')}`], keptEntries: undefined }],
  ['redis', { stores: [redis.url, redis.url], keptEntries: undefined }],
  ['trimmed', { stores: ['memory:'], keptEntries: 200 }],
]);
const ROTATION = 'rotation';

const forms = [...TENANT_FORMS.keys(), ROTATION];
const chosen = values.only === undefined ? forms : [values.only];
let faults = 0;
try {
  if (!chosen.every((form) => forms.includes(form))) {
    throw new Error(`--only ${values.only}: expected one of ${forms.join(', ')}`);
  }
  const tenantForms = chosen.filter((form) => form !== ROTATION);
  for (const form of tenantForms) await work(form, Number(values.seconds) / tenantForms.length);
  if (chosen.includes(ROTATION)) await rotate();
} finally {
  await redis.stop();
  rmSync(directory, { recursive: true, force: true });
}
process.exitCode = faults === 0 ? 0 : 1;

async function work(form: string, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  const checker = await runTenants({
    ...TENANT_FORMS.get(form)!,
    tenants: Number(values.tenants),
    seed,
    mayContinue: () => performance.now() < end,
  });
  console.log(
    `${form}, seed ${seed}: ${checker.calls} calls of ${values.tenants} callers, ` +
      `${checker.refused} refused, ${checker.unanswered} without an answer, ` +
      `${checker.faults.length} faults`,
  );
  show(checker.faults);
}

async function rotate(): Promise<void> {
  const { subscribers, events, times, ...found } = await rotateUnder(Number(values.subscribers));
  const late = Object.entries(times).filter(
    ([, time]) => time > IN_FORCE_MS * Number(values.tolerance),
  );
  const all = [...found.faults, ...late.map(([what, time]) => `late: ${what}: ${time} ms`)];
  const shownTimes = Object.entries(times).map(([what, time]) => `${what} ${Math.round(time)} ms`);
  console.log(
    `${subscribers} subscribers over TLS, ${events} events each, in force after: ` +
      `${shownTimes.join(', ')}; ${all.length} faults`,
  );
  show(all);
}

function show(found: readonly string[]): void {
  for (const fault of found.slice(0, SHOWN_FAULTS)) console.log(`  ${fault}`);
  faults += found.length;
}
