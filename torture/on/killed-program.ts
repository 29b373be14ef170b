import { setTimeout as delay } from 'node:timers/promises';
import type { BrokerProcess } from '../../test/support/processes/broker-process.js';
import type { Child } from '../../test/support/processes/child.js';

/** A command of `foghorn` that is killed and started again, as a supervisor would. */
export class KilledProgram {
  #child: Child | undefined;
  #isKilled = false;

  constructor(
    private readonly broker: BrokerProcess,
    private readonly args: readonly string[],
  ) {}

  /** Resolves once a line on its stderr shows that it works. */
  async start(isBegun: (line: string) => boolean): Promise<void> {
    const child = await this.#run();
    await child.until('begin', () => child.stderr.some(isBegun));
  }

  async restart(pauseMs: number, isBegun?: (line: string) => boolean): Promise<void> {
    this.#isKilled = true;
    await this.#child?.end('SIGKILL');
    await delay(pauseMs);
    if (isBegun === undefined) await this.#run();
    else await this.start(isBegun);
  }

  async kill(): Promise<void> {
    this.#isKilled = true;
    await this.#child?.end('SIGKILL');
  }

  async #run(): Promise<Child> {
    const child = await this.broker.run(this.args);
    this.#child = child;
    this.#isKilled = false;
    void child.exited.then(async () => {
      // A client gives up that has never reached its broker.
      await delay(100);
      if (!this.#isKilled && this.#child === child) await this.#run();
    });
    return child;
  }
}
