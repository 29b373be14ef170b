import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect } from '../../client/index.js';
import { BrokerProcess } from '../../test/support/processes/broker-process.js';
import { builtProgram } from '../../test/support/processes/build.js';
import { Child } from '../../test/support/processes/child.js';
import { Cleanup } from '../../test/support/processes/cleanup.js';
import { RedisSentinelSet } from '../../test/support/redis/redis-sentinel-set.js';
import { RedisServer } from '../../test/support/redis/redis-server.js';
import { Random } from '../random.js';
import { kindsOf } from './fault-kinds.js';
import { FailOver } from './fail-over.js';
import { Publishers } from './publishers.js';
import { machineTime, type MemberRecord } from './records.js';
import { validate, type StoppedSpan } from './validator.js';
import { Watcher } from './watcher.js';

/*
 * Random faults against a durable consumer: brokers and members are killed, members are stopped for
 * longer than their leases, Redis is restarted or fails over, the consumer is paused while
 * retention goes on, the dates of brokers jump. Then every event must have been handled, by one
 * member at a time, in the order of its container.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    /** lmdb, redis (two brokers), or sentinel (two brokers, and a replica to fail over to) */
    store: { type: 'string', default: 'lmdb' },
    /** Whether retention keeps almost nothing but what the consumer holds. */
    trims: { type: 'boolean', default: false },
    /** Whether the dates of brokers jump. */
    jumps: { type: 'boolean', default: false },
    seed: { type: 'string', default: `${Date.now() % 2 ** 32}` },
  },
});

const ACK_WAIT_MS = 3000;
const CONTAINERS = 12;
const MEMBERS = 4;
const HELD_BYTES = 512 * 1024 * 1024;
const TRIMMING = ['--retain-count', '100', '--retain-exits', '1s'];
const PAUSE_MS = 4000;
/** Jumps of a date: minutes to weeks, forward and back, and the end of all jumps. */
const JUMPS_MS = [-400, -90_000, -3, 0, 3, 90_000, 400].map((minutes) => minutes * 60_000);

const FAULTS = [
  ...(['kill broker', 'kill member', 'stop member'] as const),
  ...(values.store === 'redis' ? (['kill redis'] as const) : []),
  ...(values.store === 'sentinel' ? (['fail over'] as const) : []),
  ...(values.trims ? (['pause'] as const) : []),
  ...(values.jumps ? (['jump'] as const) : []),
];

const random = new Random(Number(values.seed));
const cleanup = new Cleanup();
const killed = new Map<string, number>();
const stopped: StoppedSpan[] = [];
const files: string[] = [];
let memberCount = 0;

console.log(`consumers: ${values.store}, ${values.seconds} s, seed ${values.seed}`);
try {
  await torture();
} finally {
  await cleanup.run();
}

async function torture(): Promise<void> {
  const redis = values.store === 'redis' ? await RedisServer.start() : undefined;
  if (redis !== undefined) cleanup.defer(() => redis.stop());
  const sentinels = values.store === 'sentinel' ? await RedisSentinelSet.start() : undefined;
  if (sentinels !== undefined) cleanup.defer(() => sentinels.stop());
  const failingOver = sentinels && new FailOver(sentinels);
  const url = redis?.url ?? sentinels?.url;
  const flags = values.trims ? TRIMMING : [];
  const brokers = [await BrokerProcess.create(cleanup, flags)];
  if (url !== undefined) brokers.push(await BrokerProcess.create(cleanup, flags));
  const clockFile = brokers[0]!.file('date');
  const settings = {
    ...(url !== undefined && { store: url }),
    ...(values.jumps && { under: await withJumpingClock(clockFile) }),
  };
  for (const broker of brokers) await broker.start(settings);
  const client = connect({ address: brokers[0]!.address });
  cleanup.defer(() => client.close());
  await client.consumers.create('torture', {
    ...{ ackWait: ACK_WAIT_MS, maxDeliveries: 0, backoff: [0, 50], maxInFlight: 64 },
    ...(values.trims && { hold: HELD_BYTES }),
  });
  const program = await builtProgram('torture/consumers/member');
  const members = new Map<string, Child>();
  const startMember = (): void => {
    const name = `m${memberCount}`;
    const broker = brokers[memberCount++ % brokers.length]!;
    const file = brokers[0]!.file(`${name}.log`);
    files.push(file);
    members.set(name, new Child(process.execPath, [program, name, broker.address, file]));
  };
  cleanup.defer(() => Promise.all([...members.values()].map((each) => each.end('SIGKILL'))));
  for (let i = 0; i < MEMBERS; i++) startMember();

  const over = new AbortController();
  const publishers = new Publishers(client, random);
  const publishing = publishers.run(CONTAINERS, over.signal);
  const watcher = new Watcher(client, publishers);
  const watching = watcher.run(over.signal);
  const end = machineTime() + Number(values.seconds) * 1000;
  const done: Record<string, number> = {};
  while (machineTime() < end) {
    await delay(random.between(200, 1200));
    const fault = random.pick(FAULTS);
    done[fault] = (done[fault] ?? 0) + 1;
    const [name, member] = random.pick([...members]);
    switch (fault) {
      case 'kill broker': {
        const broker = random.pick(brokers);
        await broker.end('SIGKILL');
        await delay(random.between(0, 300));
        await broker.start(settings);
        break;
      }
      case 'kill member':
        await member.end('SIGKILL');
        killed.set(name, machineTime());
        members.delete(name);
        startMember();
        break;
      case 'stop member': {
        const from = machineTime();
        member.signal('SIGSTOP');
        await delay(ACK_WAIT_MS * 1.5);
        member.signal('SIGCONT');
        // It notices the loss of its leases a little later.
        stopped.push({ member: name, from, to: machineTime() + 1000 });
        break;
      }
      case 'kill redis':
        await redis?.kill();
        await delay(random.between(0, 300));
        await redis?.restart();
        break;
      case 'fail over':
        await failingOver?.run();
        break;
      case 'pause':
        await pause(client, PAUSE_MS);
        break;
      case 'jump':
        writeFileSync(clockFile, `${random.pick(JUMPS_MS)}`);
        break;
    }
  }
  over.abort();
  await publishing;
  await watching;
  await watcher.drained();
  report(done, publishers, watcher.faults);
}

/** The command that runs a broker whose date is moved by the content of a file. */
async function withJumpingClock(file: string): Promise<string[]> {
  const clock = await builtProgram('torture/consumers/jumping-clock');
  return ['env', `TORTURE_CLOCK_FILE=${file}`, `NODE_OPTIONS=--import=${clock}`];
}

/** Pauses the consumer, so that retention would overtake one that holds nothing. */
async function pause(client: ReturnType<typeof connect>, ms: number): Promise<void> {
  for (const reason of ['torture', '']) {
    for (;;) {
      try {
        await client.consumers.pause('torture', reason);
        break;
      } catch {
        await delay(100);
      }
    }
    if (reason !== '') await delay(ms);
  }
}

function report(
  done: Record<string, number>,
  { published, events }: Publishers,
  faults: readonly string[],
): void {
  const records = files
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, 'utf8').trim().split('\n'))
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as MemberRecord);
  const verdict = validate({ records, killed, stopped, published });
  const all = [...faults, ...verdict.faults];
  console.log(JSON.stringify({ events, ...verdict, faults: all.length, injected: done }));
  for (const { kind, count, examples } of kindsOf(all)) {
    console.log(`  ${count} x ${kind}`);
    for (const example of examples) console.log(`    ${example}`);
  }
  if (all.length > 0 || events === 0) process.exitCode = 1;
}
