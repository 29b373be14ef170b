import { join } from 'node:path';
import { CONTAINERD, startContainerd } from '../servers/containerd.js';
import { FOGHORN, startFoghorn } from '../servers/foghorn.js';
import { cpuSeconds } from '../support/cpu-time.js';
import { UnaryLoad } from '../support/h2load.js';
import { checkHistory } from '../support/history.js';
import { missing } from '../support/installed.js';
import { startLoad } from '../support/load.js';
import { withResources, type Defer } from '../support/resources.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { EVENT_BYTES } from './event-bytes.js';
import type { BenchOptions } from './options.js';
import type { Contender, Row, Sample } from './row.js';

const IN_FLIGHT = 64;
/** Calls that estimate the rate, from which the number of the measured ones follows. */
const FIRST_CALLS = 2000;

interface Load extends BenchOptions {
  readonly connections: number;
}

/** A server that answers Publish. */
interface Server {
  readonly pid: number;
  readonly socket: string;
  /** Rejects unless the server has kept exactly this many events; absent if it keeps none. */
  readonly check?: (count: number) => Promise<void>;
}

/** Rate of answers when h2load publishes events one by one, with 64 in flight. */
export function unaryPublish(
  options: BenchOptions,
  connections: number,
  { reach, stretch }: { readonly reach: number; readonly stretch: number },
): Row {
  const name = connections === 1 ? 'unary-publish' : `unary-publish-${connections}`;
  const foghorn = async (defer: Defer): Promise<Server> => {
    const { pid, socket, address } = await startFoghorn(options, defer);
    return { pid, socket, check: (count) => checkHistory(address, count) };
  };
  const doingNothing = (program: string) => (defer: Defer) => startNothing(program, options, defer);
  const load = { ...options, connections };
  const node = { version: process.version, missing: undefined };
  return {
    name,
    work: `unary Publish, ${IN_FLIGHT} in flight, connections: ${connections}`,
    unit: 'events/s',
    better: 'more',
    contenders: [
      contender(FOGHORN, load, foghorn),
      contender(CONTAINERD, load, startContainerd),
      contender({ name: 'grpc-js doing nothing', ...node }, load, doingNothing('grpc-nothing')),
      contender({ name: 'node:http2 doing nothing', ...node }, load, doingNothing('http2-nothing')),
    ],
    targets: [{ kind: 'ratio', peer: CONTAINERD.name, reach, stretch }],
  };
}

function contender(
  who: Omit<Contender, 'run'>,
  options: Load,
  start: (defer: Defer) => Promise<Server>,
): Contender {
  const run = (): Promise<Sample> =>
    withResources(async (defer) => measure(await start(defer), options, defer));
  return { ...who, missing: who.missing ?? missing('h2load'), run };
}

async function measure(server: Server, options: Load, defer: Defer): Promise<Sample> {
  const load = UnaryLoad.publishing(defer, EVENT_BYTES);
  const { pid, socket } = server;
  const publish = (count: number) => load.call(socket, count, IN_FLIGHT, options.connections);
  // h2load takes a number of calls, so each run's rate determines the length of the next one.
  const first = await publish(FIRST_CALLS);
  const warmUp = Math.ceil(first.rate * Math.max(1, options.warmUp));
  const before = await publish(warmUp);
  const count = Math.ceil(before.rate * options.seconds);
  const cpuBefore = cpuSeconds('the server', pid);
  const { rate, mean, cpuSeconds: clientCpu } = await publish(count);
  const cpu = ((cpuSeconds('the server', pid) - cpuBefore) * 1e6) / count;
  await server.check?.(FIRST_CALLS + warmUp + count);
  const details = { 'server CPU µs': cpu, 'client CPU µs': (clientCpu * 1e6) / count };
  return { value: rate, details: { 'mean ms': mean, ...details } };
}

async function startNothing(program: string, options: BenchOptions, defer: Defer): Promise<Server> {
  const socket = join(temporaryDirectory(defer), 'socket');
  const server = await startLoad(program, { socket }, options.profile);
  defer(() => server.ended('SIGTERM'));
  await server.line('listening');
  return { pid: server.pid, socket };
}
