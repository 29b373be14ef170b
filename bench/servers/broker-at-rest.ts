import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Options } from '../rows/options.js';
import { builtProgram } from '../../test/support/processes/build.js';
import { profiled } from '../support/load.js';
import { memoryOf } from '../support/memory.js';
import { Program } from '../support/program.js';
import { quiet } from '../support/quiet.js';
import type { Defer } from '../support/resources.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

/** `foghorn serve` over its embedded store, except that it keeps all history and collects its garbage when it is told to. */
export class BrokerAtRest {
  private constructor(
    private readonly program: Program,
    /** `unix:///path` */
    readonly address: string,
    /** From the start of the process to the line that tells where it listens. */
    readonly secondsToReady: number,
  ) {}

  /** @param store a directory that may hold history already; one for this round unless given */
  static async start(
    { profile }: Pick<Options, 'profile'>,
    defer: Defer,
    store?: string,
  ): Promise<BrokerAtRest> {
    const directory = temporaryDirectory(defer);
    const address = `unix://${directory}/foghorn.sock`;
    const collecting = pathToFileURL(await builtProgram('bench/loads/collect-on-signal'));
    const args = [
      ...profiled(profile),
      ...['--expose-gc', '--import', collecting.href, await builtProgram('cli/main')],
      ...['serve', '--grpc', address, '--store', `lmdb:${store ?? join(directory, 'store')}`],
      ...['--retain-age', 'none', '--retain-bytes', 'none', '--log-level', 'warn'],
    ];
    const begun = performance.now();
    const program = Program.node('the broker', args);
    defer(() => program.ended('SIGTERM'));
    await program.line('listening');
    return new BrokerAtRest(program, address, (performance.now() - begun) / 1000);
  }

  get pid(): number {
    return this.program.pid;
  }

  /** Bytes that it holds when it has nothing to do and its garbage is gone; files that it has mapped do not count. */
  async memory(): Promise<number> {
    const broker = { 'the broker': this.pid };
    await quiet(broker);
    this.program.signal('SIGUSR2');
    await this.program.line('collected');
    // Pages go back to the system in the background.
    await quiet(broker);
    return memoryOf(this.pid).anonymous;
  }
}
