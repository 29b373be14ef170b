import type { Fact } from '../records/fact.js';
import type { Random } from '../random.js';

/** The life of one container, event by event: runs that are created and started, execs in them, and exits. */
export class ContainerLife {
  #coming: Fact[] = [];

  constructor(
    private readonly identity: { readonly namespace: string; readonly container: string },
    private readonly random: Random,
    /** Never says the same number twice, in whatever process. */
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
      // Whoever cleans up later may report the same end with a code of its own.
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

  #fact(topic: Fact['topic'], told: Partial<Fact>): Fact {
    return { ...this.identity, topic, exec: '', pid: 0, status: 0, ...told };
  }
}
