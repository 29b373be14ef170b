import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ForwardsSettings } from '../loads/docker-forwards.js';
import type { Subjects } from '../loads/docker/subjects.js';
import { builtMain } from '../../test/support/processes/build.js';
import { profiled, startLoad } from '../support/load.js';
import { Program } from '../support/program.js';
import type { DockerDaemon, DaemonKind, Defer, Tempo } from './daemon.js';
import type { DockerBenchOptions } from './options.js';

const NAMESPACE = 'moby';
const IN_FLIGHT = 512;

/** Our broker over its embedded store; its load forwards events as `foghorn record docker` does. */
export function foghorn({ profile }: Pick<DockerBenchOptions, 'profile'>): DaemonKind {
  const start = async (subjects: Subjects, defer: Defer): Promise<DockerDaemon> => {
    const directory = mkdtempSync(join(tmpdir(), 'foghorn-bench-'));
    defer(() => {
      rmSync(directory, { recursive: true });
    });
    const address = `unix://${directory}/foghorn.sock`;
    const socketPath = join(directory, 'docker.sock');
    const broker = await startBroker(directory, address, socketPath, profile);
    defer(() => broker.ended('SIGTERM'));
    for (const listening of [address, `unix://${socketPath}`])
      await broker.line(`listening on ${listening}`);
    const load = async (tempo: Tempo): Promise<Program> => {
      const pace = { inFlight: IN_FLIGHT, ...tempo };
      const settings: ForwardsSettings = { address, namespace: NAMESPACE, subjects, pace };
      const program = await startLoad('docker-forwards', settings, profile);
      defer(() => program.kill());
      return program;
    };
    return { pid: broker.pid, socketPath, load };
  };
  return { name: 'Foghorn', missing: undefined, start };
}

async function startBroker(
  directory: string,
  address: string,
  socketPath: string,
  profile: string | undefined,
): Promise<Program> {
  const main = await builtMain();
  const listen = ['--grpc', address, '--docker', `unix://${socketPath}`];
  const serve = ['serve', ...listen, '--store', `lmdb:${directory}/store`, '--log-level', 'warn'];
  return Program.node('the broker', [...profiled(profile), main, ...serve]);
}
