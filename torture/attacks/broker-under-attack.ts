import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../../test/support/processes/child.js';
import type { Target } from './attack.js';

/** A broker with a store of its own in a temporary directory. */
export class BrokerUnderAttack {
  readonly target: Target;
  readonly #process: Child;

  private constructor(
    main: string,
    private readonly directory: string,
  ) {
    this.target = { grpc: join(directory, 'grpc.sock'), docker: join(directory, 'docker.sock') };
    this.#process = new Child(process.execPath, [
      main,
      'serve',
      ...['--grpc', `unix://${this.target.grpc}`, '--docker', `unix://${this.target.docker}`],
      ...['--store', `lmdb:${join(directory, 'store')}`],
    ]);
  }

  /** @param main path of the program `foghorn` */
  static async start(main: string): Promise<BrokerUnderAttack> {
    const broker = new BrokerUnderAttack(main, mkdtempSync(join(tmpdir(), 'foghorn-attack-')));
    const { stdout } = broker.#process;
    await broker.#process.until('listens', () => {
      return stdout.filter((line) => line.includes('listening')).length >= 2;
    });
    return broker;
  }

  get isRunning(): boolean {
    return this.#process.running;
  }

  /** Resident memory without mapped files, MiB; 0 once the process has ended. */
  get memory(): number {
    if (!this.isRunning) return 0;
    const status = readFileSync(`/proc/${this.#process.pid}/status`, 'latin1');
    return Math.round(Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
  }

  async stop(): Promise<void> {
    await this.#process.end('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }
}
