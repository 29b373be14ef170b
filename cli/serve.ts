import { Option } from 'commander';
import type { Command } from 'commander';
import { parseAddress } from '../client/address.js';
import type { ServeOptions } from '../server/options.js';
import { defaultAddress, defaultStore, runtimeDirectory } from './defaults.js';
import { listFlag, protoFlag } from './flags.js';
import { makePrivateDirectory } from './private-directory.js';
import type { Terminal } from './terminal.js';

const EXAMPLES = `
It prints one line per address once it is ready. SIGTERM drains it: what was accepted is stored.

Examples:
  foghorn serve
  foghorn serve --grpc unix:///run/foghorn/foghorn.sock --grpc 127.0.0.1:7877
  foghorn serve --grpc unix:///tmp/test.sock --store memory:`;

interface ServeFlags {
  readonly grpc?: readonly string[];
  readonly store: string;
  readonly proto?: readonly string[];
  readonly logLevel: ServeOptions['logLevel'];
}

/** `foghorn serve`: runs the broker until it is told to stop. */
export function addServe(program: Command, { surroundings }: Terminal): void {
  const address = defaultAddress(surroundings);
  program
    .command('serve')
    .description('run the broker')
    .configureHelp({ showGlobalOptions: false })
    .addOption(
      listFlag(
        '--grpc <ADDR>',
        `where gRPC listens (repeat, or separate with commas; default: "${address}")`,
        (text) => {
          parseAddress(text);
          return text;
        },
      ).env('FOGHORN_GRPC'),
    )
    .addOption(
      new Option('--store <URL>', 'where the history is kept: lmdb:PATH or memory:')
        .env('FOGHORN_STORE')
        .default(defaultStore(surroundings)),
    )
    .addOption(protoFlag())
    .addOption(
      new Option('--log-level <LEVEL>', 'the least that is logged on stderr')
        .choices(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
        .env('FOGHORN_LOG_LEVEL')
        .default('info'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async ({ grpc, store, proto = [], logLevel }: ServeFlags, command: Command) => {
      if (program.getOptionValueSource('address') === 'cli') {
        command.error('error: serve listens on --grpc; --address is for clients', { exitCode: 2 });
      }
      if (grpc === undefined && surroundings.uid !== 0) {
        await makePrivateDirectory(runtimeDirectory(surroundings), surroundings.uid);
      }
      // Clients start faster without the broker's code.
      const { main } = await import('../server/main.js');
      await main({ grpc: grpc ?? [address], store, protoDirs: proto, logLevel });
    });
}
