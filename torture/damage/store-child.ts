import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { builtProgram } from '../../test/support/processes/build.js';
import type { Inspection } from './inspection.js';
import type { Answer, Request } from './store-program.js';

/** A process that takes longer is wedged. */
const PATIENCE_MS = 300_000;

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
    if (!this.child.connected) throw new Ended(await this.#end());
    // Promises of this request alone: one that all share would keep every answer in memory.
    const over = new AbortController();
    const { signal } = over;
    const answered = once(this.child, 'message', { signal });
    const ended = once(this.child, 'close', { signal });
    const late = delay(PATIENCE_MS, undefined, { signal });
    for (const promise of [answered, ended, late]) promise.catch(() => {});
    this.child.send(request, () => {
      // A process that has ended says so by its end.
    });
    const outcome = await Promise.race([
      answered.then(([answer]) => ({ answer: answer as Answer })),
      ended.then(async () => ({ failure: await this.#end() })),
      late.then(() => ({ failure: `no answer within ${PATIENCE_MS} ms` })),
    ]);
    over.abort();
    if ('answer' in outcome) return outcome.answer;
    throw new Ended(outcome.failure);
  }
}
