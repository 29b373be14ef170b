import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { builtProgram } from '../../test/support/processes/build.js';
import type { Inspection } from './inspection.js';
import type { Answer, Request } from './store-program.js';

/** A process that takes longer is wedged. */
const PATIENCE_MS = 60_000;

/** The process ended, or did not answer, during a request. */
export class Ended extends Error {}

/** A store process. */
export class StoreChild {
  #stderr = '';
  readonly #ended: Promise<string>;

  private constructor(private readonly child: ChildProcess) {
    child.stderr?.on('data', (bytes: Buffer) => {
      this.#stderr = (this.#stderr + bytes.toString()).slice(-2000);
    });
    this.#ended = once(child, 'close').then(([code, signal]) => `${signal ?? `exit ${code}`}`);
  }

  static async start(): Promise<StoreChild> {
    const program = await builtProgram('torture/damage/store-program');
    const child = fork(program, { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    await once(child, 'spawn');
    return new StoreChild(child);
  }

  /** How it ended, and the last that it has printed. */
  async #end(): Promise<string> {
    return `${await this.#ended} ${this.#stderr.trim().split('\n').slice(-3).join(' | ')}`.trim();
  }

  fill(directory: string, entries: number): Promise<Answer> {
    return this.#ask({ action: 'fill', directory, entries });
  }

  /** @throws Ended */
  async inspect(directory: string): Promise<Inspection> {
    const answer = await this.#ask({ action: 'inspect', directory });
    if (answer.kind !== 'inspected') throw new Error(`unexpected answer ${answer.kind}`);
    return answer.inspection;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#ended;
  }

  async #ask(request: Request): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Ended(`no answer within ${PATIENCE_MS} ms`));
      }, PATIENCE_MS);
    });
    const ended = this.#end().then((how) => {
      throw new Ended(how);
    });
    const answered = once(this.child, 'message').then(([answer]) => answer as Answer);
    this.child.send(request, () => {
      // A process that has ended says so by its end.
    });
    try {
      return await Promise.race([answered, ended, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
