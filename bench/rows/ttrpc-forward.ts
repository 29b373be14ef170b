import { CONTAINERD, startContainerd } from '../servers/containerd.js';
import { FOGHORN, startFoghorn } from '../servers/foghorn.js';
import { checkHistory } from '../support/history.js';
import { startLoad } from '../support/load.js';
import { measure } from '../support/measure.js';
import { withResources, type Defer } from '../support/resources.js';
import { cpuDetails } from './cpu-details.js';
import { EVENT_BYTES } from './event-bytes.js';
import type { BenchOptions } from './options.js';
import type { Contender, Row, Sample } from './row.js';

const IN_FLIGHT = 64;

/** A server that takes Forward over ttrpc, on its gRPC socket's path with `.ttrpc`. */
interface Server {
  readonly pid: number;
  readonly socket: string;
  /** Rejects unless the server has kept exactly this many events; absent if it keeps none. */
  readonly check?: (count: number) => Promise<void>;
}

/** Rate of answers when one shim publishes: Forward over ttrpc, on one connection. */
export function ttrpcForward(options: BenchOptions): Row {
  const foghorn = async (defer: Defer): Promise<Server> => {
    // No containerd runs beside it that would take the relay's copies.
    const flags = ['--relay', 'none'];
    const { pid, socket, address } = await startFoghorn(options, defer, undefined, flags);
    return { pid, socket, check: (count) => checkHistory(address, count) };
  };
  return {
    name: 'ttrpc-forward',
    work: `Forward over ttrpc, ${IN_FLIGHT} in flight`,
    unit: 'events/s',
    better: 'more',
    contenders: [
      contender(FOGHORN, options, foghorn),
      contender(CONTAINERD, options, startContainerd),
    ],
    targets: [{ kind: 'bound', reach: 100_000, stretch: 150_000 }],
  };
}

function contender(
  who: Omit<Contender, 'run'>,
  { seconds, warmUp, profile }: BenchOptions,
  start: (defer: Defer) => Promise<Server>,
): Contender {
  const run = (): Promise<Sample> =>
    withResources(async (defer) => {
      const { pid, socket, check } = await start(defer);
      const intensity = { inFlight: IN_FLIGHT, seconds, warmUp };
      const settings = { socket: `${socket}.ttrpc`, bytes: EVENT_BYTES, ...intensity };
      const client = await startLoad('ttrpc-publisher', settings, profile);
      defer(() => client.kill());
      const { round, acknowledged } = await measure(client, { client: client.pid, server: pid });
      await check?.(acknowledged);
      await client.ended();
      const { rate, p50, p99, cpu } = round;
      return { value: rate, details: { 'p50 ms': p50, 'p99 ms': p99, ...cpuDetails(cpu) } };
    });
  return { ...who, run };
}
