import { join } from 'node:path';
import { version } from '../../protocol/version.js';
import type { BenchOptions } from '../rows/options.js';
import { builtMain } from '../../test/support/processes/build.js';
import { builtBroker } from '../support/checkout.js';
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

/** The settings of a run that affect the broker. */
export type BrokerOptions = Pick<BenchOptions, 'profile' | 'checkout'>;

/** The program of the measured broker. */
export async function brokerProgram({ checkout }: BrokerOptions): Promise<string> {
  return checkout === undefined ? builtMain() : builtBroker(checkout);
}

/**
 * `foghorn serve` over its embedded store, as users run it: acknowledged events are on disk.
 *
 * @param store a directory that may hold a history; a new one for this round by default
 * @param flags further flags of `foghorn serve`
 */
export async function startFoghorn(
  options: BrokerOptions,
  defer: Defer,
  store?: string,
  flags: readonly string[] = [],
): Promise<Foghorn> {
  const directory = temporaryDirectory(defer);
  const socket = join(directory, 'foghorn.sock');
  const address = `unix://${socket}`;
  const main = await brokerProgram(options);
  const history = ['--store', `lmdb:${store ?? join(directory, 'store')}`];
  const serve = ['serve', '--grpc', address, ...history, '--log-level', 'warn', ...flags];
  const broker = Program.node('the broker', [...profiled(options.profile), main, ...serve]);
  defer(() => broker.ended('SIGTERM'));
  await broker.line('listening');
  return { pid: broker.pid, address, socket };
}
