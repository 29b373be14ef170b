import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect } from '../../client/index.js';
import { BrokerProcess } from '../../test/support/processes/broker-process.js';
import { builtProgram } from '../../test/support/processes/build.js';
import { Child } from '../../test/support/processes/child.js';
import { Cleanup } from '../../test/support/processes/cleanup.js';

/** Time between two events of the quiet tenant, in milliseconds. */
const PAUSE_MS = 10;
/** The loud tenant has reached its speed by then. */
const WARM_UP_MS = 500;
const FACTOR = 2;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '5' },
    /** The quota of the loud tenant, in events per second; 0 for none. */
    quota: { type: 'string', default: '2000' },
  },
});
const quota = Number(values.quota);
const RULES = `
roles:
  quiet: { publish: [quiet], read: [quiet] }
  loud: { publish: [loud]${quota > 0 ? `, quota: { events-in: ${quota} }` : ''} }
grants: [{ role: quiet, to: [quiet] }, { role: loud, to: [loud] }]
`;

/*
 * How long an event of a quiet tenant takes to its subscriber: alone, beside a loud tenant of
 * another broker on this machine, and beside a loud tenant of the same broker. The second shows how
 * much of the third is due to processes that share the processors and the disk.
 */
const cleanup = new Cleanup();

async function startBroker(): Promise<BrokerProcess> {
  const broker = await BrokerProcess.create(cleanup);
  const access = broker.file('access.yaml');
  writeFileSync(access, RULES);
  const addressOf = (name: string): string => `${socketOf(broker, name)}?as=${name}`;
  await broker.start({
    flags: ['--grpc', addressOf('quiet'), '--grpc', addressOf('loud'), '--access', access],
  });
  return broker;
}

function socketOf(broker: BrokerProcess, name: string): string {
  return `unix://${broker.file(`${name}.sock`)}`;
}

const [broker, other] = [await startBroker(), await startBroker()];
const loudProgram = await builtProgram('torture/access/loud-tenant');
const client = connect({ address: socketOf(broker, 'quiet') });
cleanup.defer(() => client.close());

/** The times from publication to arrival, in milliseconds. */
async function latencies(ms: number): Promise<number[]> {
  const times: number[] = [];
  const over = new AbortController();
  const published = new Map<string, number>();
  const reading = (async () => {
    for await (const message of client.read({ signal: over.signal })) {
      if (message.kind !== 'entries') continue;
      for (const { topic } of message.entries) {
        const began = published.get(topic);
        if (began !== undefined) times.push(performance.now() - began);
      }
    }
  })().catch((error: unknown) => {
    if (!over.signal.aborted) throw error;
  });
  await delay(WARM_UP_MS);
  const end = performance.now() + ms;
  for (let at = 0; performance.now() < end; at++) {
    const topic = `/quiet/${at}`;
    published.set(topic, performance.now());
    await client.publish({ namespace: 'quiet', topic, event: undefined });
    await delay(PAUSE_MS);
  }
  await delay(WARM_UP_MS);
  over.abort();
  await reading;
  return times;
}

async function besideLoudOf(target: BrokerProcess, ms: number): Promise<number[]> {
  const loud = new Child(process.execPath, [loudProgram, socketOf(target, 'loud')]);
  await loud.until('publish', () => loud.stdout.length > 0);
  const times = await latencies(ms);
  await loud.end('SIGKILL');
  return times;
}

const percentile = (times: readonly number[], part: number): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length * part)] ?? NaN;
const shown = (times: readonly number[]): string =>
  `p50 ${percentile(times, 0.5).toFixed(2)} ms, p99 ${percentile(times, 0.99).toFixed(2)} ms`;

const ms = Number(values.seconds) * 1000;
const alone: number[] = [];
const besideOther: number[] = [];
const beside: number[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  alone.push(...(await latencies(ms)));
  besideOther.push(...(await besideLoudOf(other, ms)));
  beside.push(...(await besideLoudOf(broker, ms)));
}
const { last } = await client.describe();
const ratio = percentile(beside, 0.99) / percentile(alone, 0.99);
console.log(`a quiet tenant alone (${alone.length} events): ${shown(alone)}`);
console.log(
  `beside a loud one of another broker (${besideOther.length} events): ${shown(besideOther)}`,
);
console.log(
  `beside a loud one ${quota > 0 ? `with a quota of ${quota} events/s` : 'without a quota'} ` +
    `(${beside.length} events, ${String(last?.offset)} stored in all): ${shown(beside)}`,
);
console.log(`p99: ${ratio.toFixed(2)} times, at most ${FACTOR} promised`);
await cleanup.run();
process.exitCode = ratio <= FACTOR ? 0 : 1;
