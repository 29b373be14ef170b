import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { outliveNever } from '../../test/support/redis/last-rites.js';

const READY_TIMEOUT_MS = 20_000;
const POLL_MS = 10;

/** The server of a peer, which logs when it is ready. It never outlives the bench. */
export class Daemon {
  private constructor(
    private readonly command: string,
    private readonly child: ChildProcess,
    private readonly logFile: string,
  ) {}

  /**
   * Resolves when the log contains `ready`. Rejects with the log if that does not happen in time.
   */
  static async start(
    command: string,
    args: readonly string[],
    { logFile, ready }: { readonly logFile: string; readonly ready: string },
  ): Promise<Daemon> {
    const log = openSync(logFile, 'w');
    const child = spawn(command, args, { stdio: ['ignore', log, log] });
    closeSync(log);
    outliveNever(child);
    const daemon = new Daemon(command, child, logFile);
    await daemon.#logs(ready);
    return daemon;
  }

  get pid(): number {
    const { pid } = this.child;
    if (pid === undefined) throw new Error(`${this.command} could not be started`);
    return pid;
  }

  /** Resolves when the process has ended. */
  async stop(): Promise<void> {
    if (!this.#running) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await exited;
  }

  get #running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async #logs(words: string): Promise<void> {
    const tooLate = AbortSignal.timeout(READY_TIMEOUT_MS);
    for (;;) {
      const log = readFileSync(this.logFile, 'utf8');
      if (log.includes(words)) return;
      if (!this.#running || tooLate.aborted) {
        await this.stop();
        throw new Error(`${this.command} did not become ready:\n${log}`);
      }
      await delay(POLL_MS);
    }
  }
}
