import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Client } from '../../client/index.js';
import { eventually } from '../../test/support/eventually.js';
import { builtMain } from '../../test/support/processes/build.js';
import { handOverSocket } from '../../test/support/processes/kept-socket.js';

/** Keeps the socket, and starts the broker again whenever it ends, as systemd does. */
const MANAGER = `pid=$1 pause=$2; shift 2
while :; do
  sh -c 'echo $$ > "$0"; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"' "$pid" "$@"
  sleep "$pause"
done`;
/** Within which a broker answers again. */
const PATIENCE_MS = 90_000;
/** Between the end of a broker and the start of the next, in seconds. */
const PAUSE = '0.3';

/** A broker with a service manager. */
export class SupervisedBroker {
  private constructor(
    private readonly manager: ChildProcess,
    private readonly socket: string,
    private readonly client: Client,
  ) {}

  /**
   * Starts a broker; resolves when it answers.
   *
   * @param socket path of the socket that is kept
   * @param args of the command `foghorn`
   * @param client one of the broker's
   */
  static async start(
    socket: string,
    args: readonly string[],
    client: Client,
  ): Promise<SupervisedBroker> {
    const command = [process.execPath, await builtMain(), ...args];
    const log = openSync(`${socket}.log`, 'a');
    const manager = await handOverSocket(socket, (fd) =>
      spawn('sh', ['-c', MANAGER, 'sh', `${socket}.pid`, PAUSE, ...command], {
        env: { ...process.env, FOGHORN_HTTP: 'none' },
        stdio: ['ignore', 'ignore', log, fd],
      }),
    );
    closeSync(log);
    const broker = new SupervisedBroker(manager, socket, client);
    await broker.#answers();
    return broker;
  }

  /** Kills the broker; resolves when the next one answers. */
  async kill(): Promise<void> {
    this.#killBroker();
    await this.#answers();
  }

  end(): void {
    this.manager.kill('SIGKILL');
    this.#killBroker();
  }

  #killBroker(): void {
    process.kill(Number(readFileSync(`${this.socket}.pid`, 'utf8')), 'SIGKILL');
  }

  async #answers(): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    const answers = (): Promise<boolean> =>
      this.client.consumers.list({ timeout: 2000 }).then(
        () => true,
        () => false,
      );
    await eventually(async () => (await answers()) || performance.now() > end);
    if (performance.now() <= end) return;
    const log = readFileSync(`${this.socket}.log`, 'utf8');
    throw new Error(`the broker did not start again: ${log.slice(-500)}`);
  }
}
