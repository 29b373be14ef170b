import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect } from '../../client/index.js';
import { Containerd } from '../../test/peers/containerd.js';
import { BrokerProcess } from '../../test/support/processes/broker-process.js';
import { Cleanup } from '../../test/support/processes/cleanup.js';
import { Random } from '../random.js';
import { Containers } from './containers.js';
import { KilledProgram } from './killed-program.js';
import { SupervisedBroker } from './supervised-broker.js';
import { judge, notificationsIn } from './verdict.js';

/*
 * `foghorn on` over exits of real containers, while the broker, the recorder and `on` itself are
 * killed: each non-zero exit must be notified, and none parked.
 */
const { values } = parseArgs({
  options: {
    exits: { type: 'string', default: '1000' },
    /**
     * How exits get here: `shim`, from shims that publish to a socket which a service manager
     * keeps, see docs/shims.md; or `recorder`, from a recorder alone.
     */
    by: { type: 'string', default: 'shim' },
    /**
     * Whether a task is deleted when it ends, as by `ctr run --rm`, and not only after the
     * notification. Its shim ends then, and loses exits if the broker is away for more than 5 s.
     */
    rm: { type: 'boolean', default: false },
    seed: { type: 'string', default: `${Date.now() % 2 ** 32}` },
  },
});

/** Exits that a recorder finds out later are events of another topic, which --failed knows. */
const FILTERS = {
  shim: ['topic=="/tasks/exit",event.exit_status!=0'],
  recorder: ['--failed'],
};
/** Between two kills. */
const PAUSE_MS = { min: 1500, max: 5000 };
/** Time for what is left once nothing is killed any more: longer than a lease. */
const PATIENCE_MS = 240_000;

const random = new Random(Number(values.seed));
const cleanup = new Cleanup();
const by = values.by === 'recorder' ? values.by : 'shim';
console.log(`on: ${values.exits} exits by ${by}, seed ${values.seed}`);
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
  const client = connect({ address: broker.address });
  cleanup.defer(() => client.close());
  const ttrpc = `${broker.socket}.ttrpc`;
  const serve = ['serve', '--grpc', broker.address, '--store', `lmdb:${broker.store}`];
  const relay = ['--ttrpc', `unix://${ttrpc}`, '--relay', `unix://${containerd.socket}.ttrpc`];
  const supervised = await SupervisedBroker.start(ttrpc, [...serve, ...relay], client);
  cleanup.defer(() => {
    supervised.end();
  });
  const install = ['shim', 'install', '--dir', programs, '--ttrpc', `unix://${ttrpc}`];
  await (await broker.run(install)).succeeded();
  const log = broker.file('notified');
  const script = broker.file('notify.sh');
  writeFileSync(log, '');
  const line = '"$FOGHORN_CONTAINER $FOGHORN_EXIT_CODE $FOGHORN_DELIVERY"';
  writeFileSync(script, `#!/bin/sh\necho ${line} >> ${log}\n`, { mode: 0o755 });
  const record = ['record', 'containerd', '--from', containerd.socket];
  const recorder = new KilledProgram(broker, [...record, '--spool', broker.file('spool')]);
  const on = new KilledProgram(broker, [
    'on',
    'failed',
    ...FILTERS[by],
    '--jobs',
    '4',
    '--',
    script,
  ]);
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
      if (name === 'broker') await supervised.kill();
      else if (name === 'recorder') await recorder.restart(random.between(0, 500), records);
      else await on.restart(random.between(0, 500));
    }
  })();
  const containers = new Containers(containerd, by, values.rm ? undefined : log);
  const codes = await containers.run(exits);
  over.abort();
  await killing;
  const verdict = await finalVerdict(codes, log);
  await containers.remove();
  const { parked, gaps } = await client.consumers.get('failed');
  const { missing, wrong, duplicates, notified } = verdict;
  const figures = { exits: codes.size, notified, duplicates, kills, parked: Number(parked) };
  console.log(JSON.stringify({ ...figures, missing: missing.length, wrong: wrong.length }));
  for (const fault of [...missing, ...wrong].slice(0, 20)) console.log(`  ${fault}`);
  const isGood = missing.length + wrong.length === 0 && parked === 0n && gaps === 0n;
  if (!isGood || duplicates >= notified / 100) process.exitCode = 1;
}

/** Waits until every exit is notified, for as long as a lease may keep one back. */
async function finalVerdict(codes: ReadonlyMap<string, number>, log: string) {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const verdict = judge(codes, notificationsIn(log));
    if (verdict.missing.length === 0 || performance.now() > end) return verdict;
    await delay(500);
  }
}
