import { join } from 'node:path';
import { version } from '../../protocol/version.js';
import type { Options } from '../rows/options.js';
import { builtProgram } from '../../test/support/processes/build.js';
import { profiled } from '../support/load.js';
import { Program } from '../support/program.js';
import type { Defer } from '../support/resources.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

export const FOGHORN = { name: 'Foghorn', version: version(), missing: undefined } as const;

export interface Foghorn {
  readonly pid: number;
  /** `unix:///path` */
  readonly address: string;
  readonly socket: string;
}

/**
 * `foghorn serve` over its embedded store, as users run it: what it acknowledges is on the disk.
 *
 * @param store a directory that may hold history already; one for this round unless given
 */
export async function startFoghorn(
  { profile }: Pick<Options, 'profile'>,
  defer: Defer,
  store?: string,
): Promise<Foghorn> {
  const directory = temporaryDirectory(defer);
  const socket = join(directory, 'foghorn.sock');
  const address = `unix://${socket}`;
  const main = await builtProgram('cli/main');
  const history = ['--store', `lmdb:${store ?? join(directory, 'store')}`];
  const serve = ['serve', '--grpc', address, ...history, '--log-level', 'warn'];
  const broker = Program.node('the broker', [...profiled(profile), main, ...serve]);
  defer(() => broker.ended('SIGTERM'));
  await broker.line('listening');
  return { pid: broker.pid, address, socket };
}
