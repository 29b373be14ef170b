import type { ArrivalReport } from '../loads/docker/arrivals.js';
import type { ReplaySettings } from '../loads/docker-replay.js';
import type { LoadReport } from '../loads/measured-time.js';
import type { Subjects } from '../loads/docker/subjects.js';
import { cpuSeconds } from '../support/cpu-time.js';
import { startLoad } from '../support/load.js';
import { MemoryPeak, memoryOf } from '../support/memory.js';
import { withResources } from '../support/resources.js';
import type { DockerDaemon, DaemonKind, Defer, Tempo } from './daemon.js';
import { MIB, percentOf, type Figures } from './figures.js';

/** Measures one client that reads all past events. */
export function measureReplay(
  kind: DaemonKind,
  subjects: Subjects,
  tempo: Tempo,
  profile: string | undefined,
): Promise<Figures> {
  return withResources(async (defer) => {
    const daemon = await kind.start(subjects, defer);
    const load = await daemon.load(tempo);
    const { acknowledged } = JSON.parse(await load.line('{')) as LoadReport;
    await load.ended();
    return replay(daemon, acknowledged, profile, defer);
  });
}

async function replay(
  daemon: DockerDaemon,
  events: number,
  profile: string | undefined,
  defer: Defer,
): Promise<Figures> {
  const { pid, socketPath } = daemon;
  const memoryBefore = memoryOf(pid).anonymous / MIB;
  const peak = new MemoryPeak(pid);
  defer(() => {
    peak.stop();
  });
  const settings: ReplaySettings = { socketPath };
  const reader = await startLoad('docker-replay', settings, profile);
  defer(() => reader.kill());
  await reader.line('begin');
  const before = cpuSeconds('the daemon', pid);
  await reader.line('end');
  const spent = cpuSeconds('the daemon', pid) - before;
  const { total, secondsToLast } = JSON.parse(await reader.line('{')) as ArrivalReport;
  await reader.ended();
  return {
    rate: total / secondsToLast,
    events,
    arrived: percentOf(total, events),
    daemonCpu: (spent * 1e6) / total,
    memoryBefore,
    memoryPeak: peak.most().anonymous / MIB,
  };
}
