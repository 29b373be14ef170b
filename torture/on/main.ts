import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect } from '../../client/index.js';
import { Containerd } from '../../test/peers/containerd.js';
import { BrokerProcess } from '../../test/support/processes/broker-process.js';
import { Cleanup } from '../../test/support/processes/cleanup.js';
import { Random } from '../random.js';
import { KilledProgram } from './killed-program.js';
import { judge, type Notification } from './verdict.js';

/*
 * `foghorn on` over exits of real containers, while the broker, the recorder and `on` itself are
 * killed: each non-zero exit must be notified, and none parked. The shims publish to the broker,
 * see docs/shims.md, because containerd keeps no events for a recorder that is away.
 */
const { values } = parseArgs({
  options: {
    exits: { type: 'string', default: '1000' },
    seed: { type: 'string', default: `${Date.now() % 2 ** 32}` },
  },
});

const FILTER = 'topic=="/tasks/exit",event.exit_status!=0';
const RUNTIME = ['--runtime', 'io.containerd.foghorn.v2'];
const STARTERS = 4;
/** Between two kills. */
const PAUSE_MS = { min: 1500, max: 5000 };
/** Time for what is left once nothing is killed any more: longer than a lease. */
const PATIENCE_MS = 240_000;

const random = new Random(Number(values.seed));
const cleanup = new Cleanup();
console.log(`on: ${values.exits} exits, seed ${values.seed}`);
try {
  await torture(Number(values.exits));
} finally {
  await cleanup.run();
}

async function torture(exits: number): Promise<void> {
  const broker = await BrokerProcess.create(cleanup);
  const programs = broker.file('bin');
  const path = `${programs}:${process.env.PATH ?? ''}`;
  const containerd = await Containerd.start(cleanup, { ...process.env, PATH: path });
  const settings = { flags: ['--relay', `unix://${containerd.socket}.ttrpc`] };
  await broker.start(settings);
  const ttrpc = `unix://${broker.socket}.ttrpc`;
  const install = ['shim', 'install', '--dir', programs, '--ttrpc', ttrpc];
  await (await broker.run(install)).succeeded();
  const log = broker.file('notified');
  const script = broker.file('notify.sh');
  writeFileSync(log, '');
  const line = '"$FOGHORN_CONTAINER $FOGHORN_EXIT_CODE $FOGHORN_DELIVERY"';
  writeFileSync(script, `#!/bin/sh\necho ${line} >> ${log}\n`, { mode: 0o755 });
  const record = ['record', 'containerd', '--from', containerd.socket];
  const recorder = new KilledProgram(broker, [...record, '--spool', broker.file('spool')]);
  const on = new KilledProgram(broker, ['on', 'failed', FILTER, '--jobs', '4', '--', script]);
  cleanup.defer(() => Promise.all([recorder.kill(), on.kill()]));
  const records = (text: string): boolean => text.includes('recording the events of');
  await recorder.start(records);
  await on.start((text) => text.includes('created consumer failed'));

  const over = new AbortController();
  const kills: Record<string, number> = { broker: 0, recorder: 0, on: 0 };
  const killing = (async () => {
    while (!over.signal.aborted) {
      await delay(random.between(PAUSE_MS.min, PAUSE_MS.max));
      const name = random.pick(['broker', 'recorder', 'on'] as const);
      kills[name] = (kills[name] ?? 0) + 1;
      if (name === 'broker') {
        await broker.end('SIGKILL');
        await delay(random.between(0, 500));
        await broker.start(settings);
      } else if (name === 'recorder') await recorder.restart(random.between(0, 500), records);
      else await on.restart(random.between(0, 500));
    }
  })();
  const codes = await runContainers(containerd, exits);
  over.abort();
  await killing;
  const client = connect({ address: broker.address });
  cleanup.defer(() => client.close());
  const verdict = await finalVerdict(codes, log);
  const { parked, gaps } = await client.consumers.get('failed');
  const { missing, wrong, duplicates, notified } = verdict;
  const figures = { exits: codes.size, notified, duplicates, kills, parked: Number(parked) };
  console.log(JSON.stringify({ ...figures, missing: missing.length, wrong: wrong.length }));
  for (const fault of [...missing, ...wrong].slice(0, 20)) console.log(`  ${fault}`);
  const isGood = missing.length + wrong.length === 0 && parked === 0n && gaps === 0n;
  if (!isGood || duplicates >= notified / 100) process.exitCode = 1;
}

/** Runs containers to their ends; resolves with the exit code of each. */
async function runContainers(
  containerd: Containerd,
  count: number,
): Promise<ReadonlyMap<string, number>> {
  const codes = new Map<string, number>();
  let next = 0;
  const starter = async (): Promise<void> => {
    while (next < count) {
      const number = next++;
      const code = number % 3 === 0 ? 0 : 1 + (number % 200);
      const id = `exit${number}-${process.pid}`;
      const ended = await containerd.run(id, `exit ${code}`, ...RUNTIME);
      // A container that could not be started has no exit.
      if (ended === code) codes.set(id, code);
    }
  };
  await Promise.all(Array.from({ length: STARTERS }, starter));
  return codes;
}

/** Waits until every exit is notified, for as long as a lease may keep one back. */
async function finalVerdict(codes: ReadonlyMap<string, number>, log: string) {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    const notifications = lines.map((line): Notification => {
      const [container = '', code] = line.split(' ');
      return { container, code: Number(code) };
    });
    const verdict = judge(codes, notifications);
    if (verdict.missing.length === 0 || performance.now() > end) return verdict;
    await delay(500);
  }
}
