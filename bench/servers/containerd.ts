import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon } from '../support/daemon.js';
import { missing, versionOf } from '../support/installed.js';
import type { Defer } from '../support/resources.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

export const CONTAINERD = {
  name: 'containerd',
  version: versionOf('containerd'),
  missing: missing('containerd'),
} as const;

export interface Containerd {
  readonly pid: number;
  /** `unix:///path` */
  readonly address: string;
  readonly socket: string;
}

/** Starts a containerd without the Kubernetes interface, which would listen on a port. */
export async function startContainerd(defer: Defer): Promise<Containerd> {
  const directory = temporaryDirectory(defer);
  const socket = join(directory, 'containerd.sock');
  const config = join(directory, 'config.toml');
  mkdirSync(join(directory, 'root'));
  writeFileSync(config, configuration(directory, socket));
  const daemon = await Daemon.start('containerd', ['--config', config], {
    logFile: join(directory, 'log'),
    ready: 'successfully booted',
  });
  defer(() => daemon.stop());
  return { pid: daemon.pid, address: `unix://${socket}`, socket };
}

function configuration(directory: string, socket: string): string {
  return `
version = 2
root = "${directory}/root"
state = "${directory}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "${socket}"
[ttrpc]
  address = "${socket}.ttrpc"
`;
}
