import { CONTAINERD, startContainerd, type Containerd } from '../servers/containerd.js';
import { FOGHORN, startFoghorn } from '../servers/foghorn.js';
import { cpuSeconds } from '../support/cpu-time.js';
import { UnaryLoad } from '../support/h2load.js';
import { missing } from '../support/installed.js';
import { withResources, type Defer } from '../support/resources.js';
import type { BenchOptions } from './options.js';
import type { Contender, Row, Sample } from './row.js';

const IN_FLIGHT = 64;
/** Calls that estimate the rate, from which the number of the measured ones follows. */
const FIRST_CALLS = 1000;
/** Its answer is empty where nothing runs. */
const LIST_TASKS = '/containerd.services.tasks.v1.Tasks/List';

type Server = Pick<Containerd, 'pid' | 'socket'>;

/** Unary calls that pass to containerd, beside containerd alone. */
export function passedCall(options: BenchOptions): Row {
  const through = async (defer: Defer): Promise<Server> => {
    const { socket } = await startContainerd(defer);
    return startFoghorn(options, defer, undefined, ['--containerd', socket]);
  };
  return {
    name: 'passed-call',
    work: `unary Tasks.List through \`--containerd\`, ${IN_FLIGHT} in flight on one connection`,
    unit: 'calls/s',
    better: 'more',
    contenders: [
      contender({ ...FOGHORN, missing: CONTAINERD.missing }, options, through),
      contender(CONTAINERD, options, startContainerd),
    ],
    targets: [{ kind: 'ratio', peer: CONTAINERD.name, reach: 0.15, stretch: 0.3 }],
  };
}

function contender(
  who: Omit<Contender, 'run'>,
  { seconds }: BenchOptions,
  start: (defer: Defer) => Promise<Server>,
): Contender {
  const run = (): Promise<Sample> =>
    withResources(async (defer) => {
      const { pid, socket } = await start(defer);
      const load = new UnaryLoad(defer, LIST_TASKS, new Uint8Array());
      const first = await load.call(socket, FIRST_CALLS, IN_FLIGHT);
      const count = Math.ceil(first.rate * seconds);
      const before = cpuSeconds('the server', pid);
      const { rate, mean } = await load.call(socket, count, IN_FLIGHT);
      const cpu = ((cpuSeconds('the server', pid) - before) * 1e6) / count;
      return { value: rate, details: { 'mean ms': mean, 'server CPU µs': cpu } };
    });
  return { ...who, missing: who.missing ?? missing('h2load'), run };
}
