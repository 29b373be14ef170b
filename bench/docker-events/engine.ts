import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Cleanup } from '../../test/support/processes/cleanup.js';
import { Containerd } from '../../test/peers/containerd.js';
import { Dockerd } from '../../test/peers/dockerd.js';
import { CONTAINERD_COMMANDS, findInstalled } from '../../test/peers/installed.js';
import type { VolumesSettings } from '../loads/docker-volumes.js';
import type { Subjects } from '../loads/docker/subjects.js';
import { startLoad } from '../support/load.js';
import type { Program } from '../support/program.js';
import type { DockerDaemon, DaemonKind, Defer, Tempo } from './daemon.js';
import type { DockerBenchOptions } from './options.js';

const CONNECTIONS = 32;
const PREPARE_TIMEOUT_SECONDS = 600;

/** A real dockerd over a containerd of its own; its load creates volumes. */
export async function engine({
  profile,
}: Pick<DockerBenchOptions, 'profile'>): Promise<DaemonKind> {
  const start = async (subjects: Subjects, defer: Defer): Promise<DockerDaemon> => {
    const cleanup = new Cleanup();
    defer(() => cleanup.run());
    const { socket: socketPath } = await Dockerd.start(await Containerd.start(cleanup), cleanup);
    const load = async (tempo: Tempo): Promise<Program> => {
      const pace = { inFlight: CONNECTIONS, ...tempo };
      const settings: VolumesSettings = { socketPath, connections: CONNECTIONS, subjects, pace };
      const program = await startLoad('docker-volumes', settings, profile);
      defer(() => program.kill());
      return program;
    };
    // The volumes exist before the measured time, so that creating them again changes nothing.
    const prepare = { warmUp: 0, seconds: PREPARE_TIMEOUT_SECONDS, most: subjects.count };
    await (await load(prepare)).ended();
    return { pid: pidBeside(socketPath), socketPath, load };
  };
  return { name: 'dockerd', missing: await missingCommands(), start };
}

async function missingCommands(): Promise<string | undefined> {
  try {
    await findInstalled([...CONTAINERD_COMMANDS, 'dockerd', 'docker']);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Version of the engine for the table, or the reason for its absence. */
export function engineVersion({ missing }: DaemonKind): string {
  if (missing !== undefined) return `dockerd missing (${missing})`;
  const text = execFileSync('dockerd', ['--version'], { encoding: 'utf8' });
  return `dockerd ${/version ([^,\s]+)/.exec(text)?.[1] ?? 'of unknown version'}`;
}

/** Pid of a daemon, which writes it into the directory that it listens in. */
function pidBeside(socketPath: string): number {
  return Number(readFileSync(join(dirname(socketPath), 'pid'), 'utf8'));
}
