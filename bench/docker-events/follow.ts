import type { ArrivalReport } from '../loads/docker/arrivals.js';
import type { Interest } from '../loads/docker/event-filters.js';
import type { Subjects } from '../loads/docker/subjects.js';
import type { LoadReport } from '../loads/measured-time.js';
import { cpuSeconds } from '../support/cpu-time.js';
import { MemoryPeak, memoryOf, type Memory } from '../support/memory.js';
import type { Program } from '../support/program.js';
import { withResources } from '../support/resources.js';
import { DockerCrowd } from './crowd.js';
import type { DockerDaemon, DaemonKind, Defer, Tempo } from './daemon.js';
import { MIB, percentOf, type Figures } from './figures.js';

/** Clients follow while events happen. */
export interface Following {
  /** Undefined for no clients. */
  readonly crowd: { readonly count: number; readonly interest: Interest } | undefined;
  /** Whether one more client wants the events of all volumes and reads nothing until the end. */
  readonly withStuckClient: boolean;
  readonly subjects: Subjects;
  readonly tempo: Tempo;
}

/** Participants of a round. */
interface Cast {
  readonly daemon: DockerDaemon;
  readonly crowd: DockerCrowd | undefined;
  readonly stuck: DockerCrowd | undefined;
  readonly load: Program;
}

/** Measures one round. */
export function measureFollowing(
  kind: DaemonKind,
  following: Following,
  profile: string | undefined,
): Promise<Figures> {
  return withResources(async (defer) => {
    const daemon = await kind.start(following.subjects, defer);
    const memoryBefore = memoryOf(daemon.pid);
    const crowd = await startCrowd(daemon, following, profile, defer);
    const stuck = await startStuckClient(daemon, following, profile, defer);
    const memoryWithClients = memoryOf(daemon.pid);
    const peak = new MemoryPeak(daemon.pid);
    defer(() => {
      peak.stop();
    });
    const load = await daemon.load(following.tempo);
    const figures = await watch({ daemon, crowd, stuck, load }, following);
    return { ...figures, ...memoryFigures(memoryBefore, memoryWithClients, peak.most()) };
  });
}

async function startCrowd(
  daemon: DockerDaemon,
  { crowd }: Following,
  profile: string | undefined,
  defer: Defer,
): Promise<DockerCrowd | undefined> {
  return crowd && DockerCrowd.start(daemon, { ...crowd, stuck: false }, profile, defer);
}

async function startStuckClient(
  daemon: DockerDaemon,
  { withStuckClient }: Following,
  profile: string | undefined,
  defer: Defer,
): Promise<DockerCrowd | undefined> {
  if (!withStuckClient) return undefined;
  return DockerCrowd.start(
    daemon,
    { count: 1, interest: 'all volumes', stuck: true },
    profile,
    defer,
  );
}

/**
 * Takes the figures of the measured time, which ends with the last arrival if events are counted.
 */
async function watch(cast: Cast, following: Following): Promise<Figures> {
  const { crowd, stuck, load } = cast;
  await load.line('begin');
  const before = cpuOf(cast);
  crowd?.beginAnew();
  await load.line('end');
  const atEnd = { cpu: cpuOf(cast), arrivals: await crowd?.report() };
  const report = JSON.parse(await load.line('{')) as LoadReport;
  const { measured, seconds, cpuMicros, acknowledged } = report;
  const expected = acknowledged * copiesOf(following);
  const arrivals = await crowd?.hasAll(expected);
  const isCounted = 'most' in following.tempo;
  const { cpu, arrivals: counted } = isCounted ? { cpu: cpuOf(cast), arrivals } : atEnd;
  return {
    rate: measured / seconds,
    events: acknowledged,
    loadCpu: cpuMicros / measured,
    ...cpuFigures(before, cpu, measured),
    ...(counted && deliveryFigures(counted, isCounted)),
    ...(arrivals && { arrived: percentOf(arrivals.total, expected) }),
    ...(stuck && { arrivedLate: await arrivedLate(stuck, acknowledged) }),
  };
}

/** Number of clients in the crowd that want the same event. */
function copiesOf({ crowd }: Following): number {
  if (crowd === undefined) return 0;
  return crowd.interest === 'everything' ? crowd.count : 1;
}

interface Cpu {
  readonly daemon: number;
  readonly clients: number | undefined;
}

function cpuOf({ daemon, crowd }: Cast): Cpu {
  return {
    daemon: cpuSeconds('the daemon', daemon.pid),
    clients: crowd && cpuSeconds('the crowd', crowd.pid),
  };
}

function cpuFigures(before: Cpu, after: Cpu, events: number): Partial<Figures> {
  const perEvent = (seconds: number): number => (seconds * 1e6) / events;
  return {
    daemonCpu: perEvent(after.daemon - before.daemon),
    ...(after.clients !== undefined && {
      clientsCpu: perEvent(after.clients - (before.clients ?? NaN)),
    }),
  };
}

function deliveryFigures(arrivals: ArrivalReport, isCounted: boolean): Partial<Figures> {
  const { count, seconds, secondsToLast, p50, p99 } = arrivals;
  return { deliveries: count / (isCounted ? secondsToLast : seconds), p50, p99 };
}

async function arrivedLate(stuck: DockerCrowd, expected: number): Promise<number> {
  stuck.beginToRead();
  const { total } = await stuck.hasAll(expected);
  return percentOf(total, expected);
}

function memoryFigures(before: Memory, withClients: Memory, peak: Memory): Partial<Figures> {
  return {
    memoryBefore: before.anonymous / MIB,
    memoryWithClients: withClients.anonymous / MIB,
    memoryPeak: peak.anonymous / MIB,
    residentPeak: peak.resident / MIB,
  };
}
