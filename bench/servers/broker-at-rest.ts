import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { builtProgram } from '../../test/support/processes/build.js';
import { profiled } from '../support/load.js';
import { memoryOf } from '../support/memory.js';
import { Program } from '../support/program.js';
import { quiet } from '../support/quiet.js';
import type { Defer } from '../support/resources.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { brokerProgram, type BrokerOptions } from './foghorn.js';

/**
 * `foghorn serve` over its embedded store that keeps all history and collects garbage on request.
 */
export class BrokerAtRest {
  private constructor(
    private readonly program: Program,
    /** `unix:///path` */
    readonly address: string,
    /** Time from the start of the process to the line that says where it listens. */
    readonly secondsToReady: number,
  ) {}

  /**
   * @param store a directory that may hold a history; a new one for this round by default
   * @param flags further flags of `foghorn serve`
   */
  static async start(
    options: BrokerOptions,
    defer: Defer,
    store?: string,
    flags: readonly string[] = [],
  ): Promise<BrokerAtRest> {
    const directory = temporaryDirectory(defer);
    const address = `unix://${directory}/foghorn.sock`;
    const collecting = pathToFileURL(await builtProgram('bench/loads/collect-on-signal'));
    const args = [
      ...profiled(options.profile),
      ...['--expose-gc', '--import', collecting.href, await brokerProgram(options)],
      ...['serve', '--grpc', address, '--store', `lmdb:${store ?? join(directory, 'store')}`],
      ...['--retain-age', 'none', '--retain-bytes', 'none', '--log-level', 'warn'],
      ...flags,
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

  /** Anonymous memory in bytes of the idle broker after garbage collection. */
  async memory(): Promise<number> {
    const broker = { 'the broker': this.pid };
    await quiet(broker);
    this.program.signal('SIGUSR2');
    await this.program.line('collected');
    // Freed pages return to the system in the background.
    await quiet(broker);
    return memoryOf(this.pid).anonymous;
  }
}
