import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Containerd } from '../../test/peers/containerd.js';
import { Dockerd } from '../../test/peers/dockerd.js';
import { Cleanup } from '../../test/support/processes/cleanup.js';
import { missing, versionOf } from '../support/installed.js';
import type { Defer } from '../support/resources.js';

/** The engine that passed requests are compared with. */
export const DOCKERD = {
  name: 'dockerd alone',
  version: versionOf('dockerd'),
  missing: missing('dockerd', 'docker', 'containerd'),
} as const;

/** Starts a real dockerd over a containerd of its own. */
export async function startDockerd(defer: Defer): Promise<Dockerd> {
  const cleanup = new Cleanup();
  defer(() => cleanup.run());
  return Dockerd.start(await Containerd.start(cleanup), cleanup);
}

/** Pid of a dockerd, which writes it into the directory that it listens in. */
export function pidOf({ socket }: Dockerd): number {
  return Number(readFileSync(join(dirname(socket), 'pid'), 'utf8'));
}
