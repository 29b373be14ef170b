import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { FoghornError } from '../../../../protocol/errors.js';
import { builtProgram } from '../../../support/processes/build.js';
import type { StoreActions } from './store-actions.js';
import type { Acknowledged, StoreAnswer, StoreCall } from './store-messages.js';

type Value<Action extends keyof StoreActions> = Awaited<ReturnType<StoreActions[Action]>>;

/** A child process that has a store. Calls fail when it ends, with its exit status and output. */
export class StoreProcess {
  /** The acknowledged appends of `appendForever`. */
  readonly acknowledged: Acknowledged[] = [];
  #enough: { readonly count: number; readonly resolve: () => void } | undefined;
  readonly #waiting = new Map<number, (answer: StoreAnswer) => void>();
  readonly #ended: Promise<string>;
  #calls = 0;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (answer: StoreAnswer) => {
      if (answer.acknowledged !== undefined) this.#acknowledge(answer.acknowledged);
      else this.#waiting.get(answer.id ?? -1)?.(answer);
    });
    let output = '';
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    this.#ended = once(child, 'close').then(([code, signal]) => `${signal ?? code}\n${output}`);
  }

  static async start(): Promise<StoreProcess> {
    const program = await builtProgram('test/server/history/lmdb/store-process-main');
    const child = fork(program, {
      // Not those of this process, which load the sources.
      execArgv: [],
      // LMDB reports errors there, which matter only when the process ends.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    await once(child, 'spawn');
    return new StoreProcess(child);
  }

  async call<Action extends keyof StoreActions>(
    action: Action,
    ...args: Parameters<StoreActions[Action]>
  ): Promise<Value<Action>> {
    const id = this.#calls++;
    const answered = new Promise<StoreAnswer>((resolve) => this.#waiting.set(id, resolve));
    this.child.send({ id, action, args } satisfies StoreCall);
    const ended = this.#ended.then((how) => {
      throw new Error(`the process ended during ${action}: ${how}`);
    });
    const { value, error } = await Promise.race([answered, ended]);
    if (error !== undefined) throw new FoghornError(error.code, error.message);
    return value as Value<Action>;
  }

  #acknowledge(acknowledged: Acknowledged): void {
    this.acknowledged.push(acknowledged);
    if (this.acknowledged.length === this.#enough?.count) this.#enough.resolve();
  }

  acknowledgedAtLeast(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#enough = { count: Math.max(count, this.acknowledged.length + 1), resolve };
    });
  }

  /** Kills the process and waits until it has ended. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#ended;
  }
}
