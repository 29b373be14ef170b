import { BrokerAtRest } from '../servers/broker-at-rest.js';
import { FOGHORN } from '../servers/foghorn.js';
import { JETSTREAM, JetStream } from '../servers/jetstream.js';
import { startLoad } from '../support/load.js';
import { memoryOf } from '../support/memory.js';
import { quiet } from '../support/quiet.js';
import { withResources, type Defer } from '../support/resources.js';
import { foghornHistory, historyExtent, jetStreamHistory } from './histories.js';
import type { BenchOptions } from './options.js';
import type { Contender, Row, Sample } from './row.js';

const MIB = 1024 * 1024;

/** A server with a history, and the program of `bench/loads` that holds all of it. */
interface HeldHistory {
  readonly holder: string;
  readonly where: object;
  /** Anonymous memory of the idle server, in bytes. */
  readonly memory: () => Promise<number>;
}

/** Memory cost in the server of deliveries that one member has and does not acknowledge. */
export function unacknowledgedMemory(options: BenchOptions): Row {
  const { events } = historyExtent(options);
  const contender = (
    who: Omit<Contender, 'run'>,
    start: (defer: Defer) => Promise<HeldHistory>,
  ): Contender => ({
    ...who,
    run: () => withResources(async (defer) => measure(await start(defer), events, defer)),
  });
  return {
    name: 'memory-unacknowledged',
    work: `more memory with ${events.toLocaleString('en-US')} unacknowledged deliveries`,
    unit: 'MiB',
    better: 'less',
    contenders: [
      contender(FOGHORN, async (defer) => {
        const broker = await BrokerAtRest.start(options, defer, await foghornHistory(options));
        const where = { address: broker.address };
        return { holder: 'consumer-holder', where, memory: () => broker.memory() };
      }),
      contender(JETSTREAM, async (defer) => {
        const { pid, port } = await JetStream.start(defer, await jetStreamHistory(options));
        const memory = async (): Promise<number> => {
          await quiet({ 'the server': pid });
          return memoryOf(pid).anonymous;
        };
        return { holder: 'jetstream-holder', where: { port }, memory };
      }),
    ],
    targets: [{ kind: 'ratio', peer: JETSTREAM.name, reach: 1, stretch: 0.5 }],
  };
}

async function measure(
  { holder, where, memory }: HeldHistory,
  events: number,
  defer: Defer,
): Promise<Sample> {
  const program = await startLoad(holder, { ...where, events }, undefined);
  defer(() => program.kill());
  await program.line('ready');
  const before = await memory();
  program.signal('SIGHUP');
  await program.line('all');
  const after = await memory();
  return {
    value: (after - before) / MIB,
    details: { 'MiB without them': before / MIB, 'MiB with them': after / MIB },
  };
}
