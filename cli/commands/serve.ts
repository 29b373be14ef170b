import { Option } from 'commander';
import type { Command } from 'commander';
import { parseAddress } from '../../client/own-programs.js';
import type { ServeOptions } from '../../server/options.js';
import {
  defaultAddress,
  defaultDockerAddress,
  defaultStore,
  runtimeDirectory,
} from '../defaults.js';
import { listFlag, protoFlag } from '../flags.js';
import { makePrivateDirectory } from '../private-directory.js';
import { dockerFlags, dockerOptionsOf } from './serve/docker-flags.js';
import type { DockerFlags } from './serve/docker-flags.js';
import { retentionFlags, retentionOf } from './serve/retention-flags.js';
import type { RetentionFlags } from './serve/retention-flags.js';
import { SpoolPickup } from './serve/spool-pickup.js';
import type { Terminal } from '../terminal.js';
import type { Timings } from '../timings.js';

const HELP = `
It prints one line per address once it is ready. SIGTERM drains it: what was accepted is stored.
Events that \`foghorn monitor\` of the same user could not deliver are taken over from its spool.

Examples:
  foghorn serve
  foghorn serve --grpc unix:///run/foghorn/foghorn.sock --grpc 127.0.0.1:7877
  foghorn serve --docker unix:///run/foghorn/docker.sock --docker-namespace k8s.io
  foghorn serve --retain-age 12h --retain-bytes 256MiB --retain-exits 90d
  foghorn serve --store redis://10.0.0.5:6379 --grpc 0.0.0.0:7877
  foghorn serve --grpc unix:///tmp/test.sock --store memory: --retain-age none`;

interface ServeFlags extends RetentionFlags, DockerFlags {
  readonly grpc?: readonly string[];
  readonly store: string;
  readonly allowEvictingRedis?: boolean;
  readonly proto?: readonly string[];
  readonly logLevel: ServeOptions['logLevel'];
}

/** `foghorn serve`: runs the broker until it is told to stop. */
export function addServe(program: Command, terminal: Terminal, timings: Timings): void {
  const { surroundings } = terminal;
  const address = defaultAddress(surroundings);
  const command = program
    .command('serve')
    .description('run the broker')
    .configureHelp({ showGlobalOptions: false })
    .addOption(grpcFlag(address));
  for (const option of dockerFlags(defaultDockerAddress(surroundings))) command.addOption(option);
  command.addOption(
    new Option(
      '--store <URL>',
      'where the history is kept: lmdb:PATH, redis://HOST:PORT or memory:',
    )
      .env('FOGHORN_STORE')
      .default(defaultStore(surroundings)),
  );
  command.addOption(
    new Option(
      '--allow-evicting-redis',
      'take a Redis that may evict events when its memory is full',
    ).env('FOGHORN_ALLOW_EVICTING_REDIS'),
  );
  for (const option of retentionFlags()) command.addOption(option);
  command
    .addOption(protoFlag())
    .addOption(
      new Option('--log-level <LEVEL>', 'the least that is logged on stderr')
        .choices(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
        .env('FOGHORN_LOG_LEVEL')
        .default('info'),
    )
    .addHelpText('after', HELP)
    .action(async (flags: ServeFlags) => {
      if (program.getOptionValueSource('address') === 'cli') {
        command.error('error: serve listens on --grpc; --address is for clients', { exitCode: 2 });
      }
      if (flags.grpc === undefined && surroundings.uid !== 0) {
        await makePrivateDirectory(runtimeDirectory(surroundings), surroundings.uid, '--grpc');
      }
      // Whoever names the one address does not want another one opened beside it.
      const docker = flags.grpc === undefined ? [defaultDockerAddress(surroundings)] : [];
      await serve({ grpc: [address], ...flags, docker: flags.docker ?? docker }, terminal, timings);
    });
}

function grpcFlag(address: string): Option {
  return listFlag(
    '--grpc <ADDR>',
    `where gRPC listens (repeat, or separate with commas; default: "${address}")`,
    (text) => {
      parseAddress(text);
      return text;
    },
  ).env('FOGHORN_GRPC');
}

async function serve(
  flags: ServeFlags & { readonly grpc: readonly string[] },
  terminal: Terminal,
  { spoolPickupInterval }: Timings,
): Promise<void> {
  const { grpc, store, allowEvictingRedis = false, proto = [], logLevel } = flags;
  // Clients start faster without the broker's code.
  const { main } = await import('../../server/main.js');
  await main(
    {
      grpc,
      ...dockerOptionsOf(flags),
      store,
      allowEvictingRedis,
      retention: retentionOf(flags),
      protoDirs: proto,
      logLevel,
    },
    (addresses) => SpoolPickup.start(addresses, terminal, spoolPickupInterval),
  );
}
