import { readFile } from 'node:fs/promises';
import { Option } from 'commander';
import type { Command } from 'commander';
import { FoghornError } from '../../protocol/errors.js';
import type { ServeOptions } from '../../server/options.js';
import {
  defaultAddress,
  defaultDockerAddress,
  defaultStore,
  relayDirectory,
  runtimeDirectory,
} from '../defaults.js';
import { listFlag, protoFlag } from '../flags.js';
import { makePrivateDirectory } from '../private-directory.js';
import {
  accessFlags,
  accessOptionsOf,
  tlsFlagsOf,
  type AccessFlags,
} from './serve/access-flags.js';
import { parseListenAddress } from './serve/listen-address.js';
import { dockerFlags, dockerOptionsOf } from './serve/docker-flags.js';
import type { DockerFlags } from './serve/docker-flags.js';
import { httpFlags, httpOptionsOf, type HttpFlags } from './serve/http-flags.js';
import { daemonsOf, engineFlags, engineOf, type EngineFlags } from './serve/engine-flags.js';
import { checkDaemonAddresses, checkRecorderAddress } from './serve/recorder-address.js';
import { ServeRecorders } from './serve/recorders.js';
import { ttrpcFlags, ttrpcOptionsOf, type TtrpcFlags } from './serve/ttrpc-flags.js';
import { heldLimitOf, retentionFlags, retentionOf } from './serve/retention-flags.js';
import type { RetentionFlags } from './serve/retention-flags.js';
import { SpoolPickup } from './serve/spool-pickup.js';
import type { Terminal } from '../terminal.js';
import type { CommandTimings } from '../timings.js';

const HELP = `
Prints one line per address when the broker is ready. At SIGTERM the broker stores all accepted events
and exits. It takes over events that \`foghorn monitor\` of the same user left in the default spool.

Examples:
  foghorn serve
  foghorn serve --grpc unix:///run/foghorn/foghorn.sock --grpc 127.0.0.1:7877
  foghorn serve --docker unix:///run/foghorn/docker.sock --docker-namespace k8s.io
  foghorn serve --http 127.0.0.1:9000
  foghorn serve --engine /var/run/docker.sock --record containerd=/run/containerd/containerd.sock
  foghorn serve --containerd /run/containerd/containerd.sock
  foghorn serve --retain-age 12h --retain-bytes 256MiB --retain-exits 90d
  foghorn serve --store redis://10.0.0.5:6379 --grpc 0.0.0.0:7877 \\
    --tls-cert broker.pem --tls-key broker.key --tls-client-ca ca.pem --access access.yaml
  foghorn serve --grpc unix:///tmp/test.sock --store memory: --retain-age none`;

interface ServeFlags
  extends RetentionFlags, AccessFlags, DockerFlags, EngineFlags, HttpFlags, TtrpcFlags {
  readonly grpc?: readonly string[];
  readonly store: string;
  readonly storeFile?: string;
  readonly allowEvictingRedis?: boolean;
  readonly proto?: readonly string[];
  readonly http2: ServeOptions['http2'];
  readonly logLevel: ServeOptions['logLevel'];
  readonly logFormat: ServeOptions['logFormat'];
}

/** `foghorn serve`: runs the broker until SIGINT or SIGTERM. */
export function addServe(program: Command, terminal: Terminal, timings: CommandTimings): void {
  const { surroundings } = terminal;
  const address = defaultAddress(surroundings);
  const command = program
    .command('serve')
    .description('run the broker')
    .configureHelp({ showGlobalOptions: false })
    .addOption(grpcFlag(address));
  for (const option of ttrpcFlags()) command.addOption(option);
  for (const option of dockerFlags(defaultDockerAddress(surroundings))) command.addOption(option);
  for (const option of httpFlags()) command.addOption(option);
  for (const option of engineFlags()) command.addOption(option);
  command.addOption(
    new Option('--store <URL>', 'store of the history: lmdb:PATH, redis://HOST:PORT or memory:')
      .env('FOGHORN_STORE')
      .default(defaultStore(surroundings)),
  );
  command.addOption(
    new Option(
      '--store-file <FILE>',
      'read the URL of the store from a file, to keep a password secret',
    ).env('FOGHORN_STORE_FILE'),
  );
  command.addOption(
    new Option(
      '--allow-evicting-redis',
      'accept a Redis that may evict events when its memory is full',
    ).env('FOGHORN_ALLOW_EVICTING_REDIS'),
  );
  for (const option of accessFlags()) command.addOption(option);
  for (const option of retentionFlags()) command.addOption(option);
  command
    .addOption(protoFlag())
    .addOption(
      new Option('--http2 <SERVER>', "HTTP/2 server of the gRPC API: Foghorn's own or Node's")
        .choices(['own', 'node'])
        .env('FOGHORN_HTTP2')
        .default('own'),
    )
    .addOption(
      new Option('--log-level <LEVEL>', 'lowest level that is logged to stderr')
        .choices(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
        .env('FOGHORN_LOG_LEVEL')
        .default('info'),
    )
    .addOption(
      new Option('--log-format <FORMAT>', 'form of log lines; auto: text on a terminal, else json')
        .choices(['auto', 'text', 'json'])
        .env('FOGHORN_LOG_FORMAT')
        .default('auto'),
    )
    .addHelpText('after', HELP)
    .action(async (flags: ServeFlags) => {
      if (program.getOptionValueSource('address') === 'cli') {
        command.error(
          'error: --address is for clients; name the address to listen on with --grpc',
          { exitCode: 2 },
        );
      }
      if (flags.grpc === undefined && surroundings.uid !== 0) {
        await makePrivateDirectory(runtimeDirectory(surroundings), surroundings.uid, '--grpc');
      }
      // A user who names the gRPC address does not expect a default Docker address beside it.
      const docker = flags.grpc === undefined ? [defaultDockerAddress(surroundings)] : [];
      const store = await storeOf(flags);
      await serve(
        {
          grpc: [address],
          ...flags,
          ...tlsFlagsOf(program),
          store,
          docker: flags.docker ?? docker,
        },
        terminal,
        timings,
      );
    });
}

/** The URL of the store, which a file may hold because anyone may read a process's arguments. */
async function storeOf({ store, storeFile }: ServeFlags): Promise<string> {
  if (storeFile === undefined) return store;
  try {
    return (await readFile(storeFile, 'utf8')).trim();
  } catch (error) {
    throw new FoghornError(
      'FAILED_PRECONDITION',
      `cannot read the URL of the store: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

function grpcFlag(address: string): Option {
  return listFlag(
    '--grpc <ADDR>',
    `address of the gRPC API (repeatable, or separate with commas; default: "${address}")`,
    parseListenAddress,
  ).env('FOGHORN_GRPC');
}

async function serve(
  flags: ServeFlags & { readonly grpc: readonly string[] },
  terminal: Terminal,
  { spoolPickupInterval, dockerRecorder }: CommandTimings,
): Promise<void> {
  const queueOf = (address: string): string => relayDirectory(address, terminal.surroundings);
  const { grpc, http2, store, allowEvictingRedis = false, trustClock = false } = flags;
  const { proto = [], logLevel, logFormat, recordSpool, dockerNamespace } = flags;
  const engine = await engineOf(flags);
  const daemons = daemonsOf(flags, engine);
  const protection = accessOptionsOf(flags);
  const ttrpc = ttrpcOptionsOf(flags, grpc, queueOf);
  const docker = dockerOptionsOf(flags);
  checkDaemonAddresses(daemons, [...grpc, ...ttrpc.ttrpc, ...docker.docker]);
  if (daemons.length > 0) checkRecorderAddress({ grpc, ...protection });
  // Loaded only here: other commands start faster without the broker's code.
  const { main } = await import('../../server/main.js');
  await main(
    {
      grpc,
      http2,
      ...ttrpc,
      ...docker,
      ...httpOptionsOf(flags),
      engine,
      ...protection,
      containerd: flags.containerd?.text,
      store,
      allowEvictingRedis,
      retention: retentionOf(flags),
      retainHeld: heldLimitOf(flags),
      trustClock,
      protoDirs: proto,
      logLevel,
      logFormat,
    },
    (addresses, report) => {
      const pickup = {
        surroundings: terminal.surroundings,
        report,
        intervalMs: spoolPickupInterval,
      };
      const stopPickup = SpoolPickup.start(addresses, pickup);
      const recorders = new ServeRecorders(
        addresses,
        {
          daemons,
          spool: recordSpool,
          store,
          namespace: dockerNamespace,
          timings: dockerRecorder,
        },
        terminal.surroundings,
        report,
      );
      return async () => {
        await Promise.all([stopPickup(), recorders.stop()]);
      };
    },
  );
}
