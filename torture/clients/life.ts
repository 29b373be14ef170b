import type { Fact } from '../records/fact.js';
import type { Random } from '../random.js';

/**
 * Produces the events of one container: runs that are created and started, their execs, and exits.
 */
export class ContainerLife {
  #coming: Fact[] = [];

  constructor(
    private readonly identity: { readonly namespace: string; readonly container: string },
    private readonly random: Random,
    /** Returns a pid that no process of this container has used. */
    private readonly newPid: () => number,
  ) {}

  next(): Fact {
    if (this.#coming.length === 0) this.#coming = this.#run();
    return this.#coming.shift()!;
  }

  #run(): Fact[] {
    const { random } = this;
    const pid = this.newPid();
    const ended = { pid, status: random.pick([0, 1, 42, 137]) };
    const execs = Array.from({ length: random.between(0, 4) }, () => this.#exec());
    return [
      this.#fact('/tasks/create', { pid }),
      this.#fact('/tasks/start', { pid }),
      ...execs.flat(),
      this.#fact('/tasks/exit', ended),
      // A later cleanup may report the same end with another code.
      ...(random.chance(0.2) ? [this.#fact('/tasks/exit', { pid, status: 255 })] : []),
      ...(random.chance(0.5) ? [this.#fact('/tasks/delete', ended)] : []),
    ];
  }

  #exec(): Fact[] {
    const pid = this.newPid();
    const exec = `e${pid}`;
    return [
      this.#fact('/tasks/exec-added', { exec }),
      this.#fact('/tasks/exec-started', { exec, pid }),
      ...(this.random.chance(0.3) ? [this.#fact('/tasks/exit', { exec, pid, status: 1 })] : []),
    ];
  }

  #fact(topic: Fact['topic'], given: Partial<Fact>): Fact {
    return { ...this.identity, topic, exec: '', pid: 0, status: 0, ...given };
  }
}
