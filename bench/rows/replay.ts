import type { ReadThroughReport } from '../loads/read-through.js';
import { FOGHORN, startFoghorn } from '../servers/foghorn.js';
import { JETSTREAM, JetStream } from '../servers/jetstream.js';
import { IOREDIS, startRedis } from '../servers/redis.js';
import { cpuSeconds } from '../support/cpu-time.js';
import { startLoad } from '../support/load.js';
import { withResources, type Defer } from '../support/resources.js';
import {
  foghornHistory,
  historyExtent,
  jetStreamHistory,
  REDIS_STREAM,
  redisHistory,
} from './histories.js';
import type { BenchOptions } from './options.js';
import type { Contender, Row, Sample } from './row.js';

/** Part of the history that is read before the measured time. */
const WARM_UP_FRACTION = 1 / 5;

/** A server with a history, and the program of `bench/loads` that reads it, with its settings. */
interface ServedHistory {
  readonly pid: number;
  readonly reader: string;
  readonly where: object;
}

/** A whole history to one reader. */
export function replay(options: BenchOptions): Row {
  const { events } = historyExtent(options);
  return {
    name: 'replay',
    work: `${events.toLocaleString('en-US')} events of the past to one reader`,
    unit: 'events/s',
    better: 'more',
    contenders: [
      reading(FOGHORN, options, (defer) => servedByFoghorn(options, defer)),
      reading(JETSTREAM, options, (defer) => servedByJetStream(options, defer)),
      reading(IOREDIS, options, (defer) => redis(options, defer)),
    ],
    targets: [
      { kind: 'ratio', peer: JETSTREAM.name, reach: 2, stretch: 4 },
      { kind: 'ratio', peer: IOREDIS.name, reach: 1.5, stretch: 3 },
    ],
  };
}

/** The same for Foghorn alone. */
export function readWholeHistory(options: BenchOptions): Promise<Sample> {
  return reading(FOGHORN, options, (defer) => servedByFoghorn(options, defer)).run();
}

/** A contender whose server starts over a history, which a program reads. */
export function reading(
  who: Omit<Contender, 'run'>,
  options: BenchOptions,
  start: (defer: Defer) => Promise<ServedHistory>,
): Contender {
  const { events } = historyExtent(options);
  const run = (): Promise<Sample> =>
    withResources(async (defer) => readAll(await start(defer), events, options.profile, defer));
  return { ...who, run };
}

export async function servedByFoghorn(options: BenchOptions, defer: Defer): Promise<ServedHistory> {
  const { pid, address } = await startFoghorn(options, defer, await foghornHistory(options));
  return { pid, reader: 'history-reader', where: { address } };
}

export async function servedByJetStream(
  options: BenchOptions,
  defer: Defer,
): Promise<ServedHistory> {
  const server = await JetStream.start(defer, await jetStreamHistory(options));
  const { events } = historyExtent(options);
  const count = await server.count();
  // A reader would wait for missing events for ever.
  if (count !== events) throw new Error(`expected ${events} events in the stream, got ${count}`);
  const { pid, port } = server;
  return { pid, reader: 'jetstream-reader', where: { port } };
}

async function redis(options: BenchOptions, defer: Defer): Promise<ServedHistory> {
  const history = await redisHistory(options);
  const { server } = await startRedis(defer, 'everysec');
  await server.kill();
  server.putDataBack(history);
  await server.restart();
  const { pid, port } = server;
  if (pid === undefined) throw new Error('Redis does not run');
  return { pid, reader: 'redis-reader', where: { port, stream: REDIS_STREAM } };
}

/** Measures a program that reads a whole history, see `readThrough`. */
async function readAll(
  { pid, reader, where }: ServedHistory,
  events: number,
  profile: string | undefined,
  defer: Defer,
): Promise<Sample> {
  const extent = { warmUp: Math.ceil(events * WARM_UP_FRACTION), events };
  const program = await startLoad(reader, { ...where, ...extent }, profile);
  defer(() => program.kill());
  const pids = { server: pid, reader: program.pid };
  await program.line('begin');
  const before = cpuOf(pids);
  await program.line('end');
  const after = cpuOf(pids);
  const { seconds } = JSON.parse(await program.line('{')) as ReadThroughReport;
  await program.ended();
  const perEvent = (who: keyof typeof pids): number => ((after[who] - before[who]) * 1e6) / events;
  return {
    value: events / seconds,
    details: { 'server CPU µs': perEvent('server'), 'reader CPU µs': perEvent('reader') },
  };
}

function cpuOf(pids: { readonly server: number; readonly reader: number }): typeof pids {
  return {
    server: cpuSeconds('the server', pids.server),
    reader: cpuSeconds('the reader', pids.reader),
  };
}
