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
import type { Daemon, DaemonKind, Defer, Tempo } from './daemon.js';
import type { Options } from './options.js';

const CONNECTIONS = 32;
/** Seconds in which an engine has made its volumes. */
const PATIENCE = 600;

/** A real dockerd over a containerd of its own; it is told to make volumes. */
export async function engine({ profile }: Pick<Options, 'profile'>): Promise<DaemonKind> {
  const start = async (subjects: Subjects, defer: Defer): Promise<Daemon> => {
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
    // A volume is not made in the measured time, but found.
    await (await load({ warmUp: 0, seconds: PATIENCE, most: subjects.count })).ended();
    return { pid: pidBeside(socketPath), socketPath, load };
  };
  return { name: 'dockerd', missing: await whatIsMissing(), start };
}

async function whatIsMissing(): Promise<string | undefined> {
  try {
    await findInstalled([...CONTAINERD_COMMANDS, 'dockerd', 'docker']);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** @returns such as `dockerd 20.10.24+dfsg1`; or why there is none */
export function engineVersion({ missing }: DaemonKind): string {
  if (missing !== undefined) return `dockerd missing (${missing})`;
  const text = execFileSync('dockerd', ['--version'], { encoding: 'utf8' });
  return `dockerd ${/version ([^,\s]+)/.exec(text)?.[1] ?? 'of unknown version'}`;
}

/** The daemon writes it into the directory that it listens in. */
function pidBeside(socketPath: string): number {
  return Number(readFileSync(join(dirname(socketPath), 'pid'), 'utf8'));
}
