import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';
import { freePort } from './free-port.js';
import { outliveNever } from './last-rites.js';
import { ping } from './ping.js';
import { redisServerCommand } from './redis-command.js';

export interface RedisServerOptions {
  /** Arguments of redis-server after the usual ones, which they override. */
  readonly args?: readonly string[];
  /** Initial content of the configuration file, which the server may rewrite. */
  readonly config?: string;
}

/** Makes an acknowledgement mean that the data is on the disk. */
const USUAL = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
const READY_MS = 20_000;
const POLL_MS = 10;
/** A free port may be taken by another process before it is used. */
const PORTS = 5;

/** A Redis process with its own directory and port, which it keeps across restarts. */
export class RedisServer {
  readonly #clients: Redis[] = [];
  #process: ChildProcess | undefined;
  #args: readonly string[] = [];

  private constructor(
    private readonly command: string,
    /** Holds `data`, `log` and `config`; removed by `stop`. */
    readonly directory: string,
    readonly port: number,
  ) {}

  /** Resolves when it answers. Rejects with its log if it ends before that. */
  static async start({ args = [], config = '' }: RedisServerOptions = {}): Promise<RedisServer> {
    const command = await redisServerCommand();
    for (let attempt = 1; ; attempt++) {
      const directory = mkdtempSync(join(tmpdir(), 'foghorn-redis-'));
      mkdirSync(join(directory, 'data'));
      writeFileSync(join(directory, 'config'), config);
      const server = new RedisServer(command, directory, await freePort());
      try {
        await server.#start(args);
        return server;
      } catch (error) {
        await server.stop();
        const isTaken = (error as Error).message.includes('Address already in use');
        if (!isTaken || attempt === PORTS) throw error;
      }
    }
  }

  /** A store URL, and one for any client. */
  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Id of the process that was started last. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** The directory of its data. */
  get dataDirectory(): string {
    return join(this.directory, 'data');
  }

  /** Its log of all starts. */
  get log(): string {
    return readFileSync(join(this.directory, 'log'), 'utf8');
  }

  /** A client that reconnects and waits for answers without limit; closed by `stop`. */
  client(credentials: Pick<RedisOptions, 'username' | 'password'> = {}): Redis {
    const client = new Redis<'legacy'>({
      host: '127.0.0.1',
      port: this.port,
      maxRetriesPerRequest: null,
      retryStrategy: () => POLL_MS,
      ...credentials,
    });
    // Reported for every failed attempt; pending commands are answered after reconnecting.
    client.on('error', () => {});
    this.#clients.push(client);
    return client;
  }

  /** Resolves when the process has ended. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const exited = once(child, 'exit');
    child.kill(signal);
    // A suspended process ignores other signals.
    child.kill('SIGCONT');
    await exited;
  }

  /** Kills it if it runs, and starts it again. */
  async restart(args = this.#args): Promise<void> {
    await this.kill();
    await this.#start(args);
  }

  /** Suspends it: connections stay open, and nothing is answered. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Kills it and removes everything. */
  async stop(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.disconnect();
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Copies the data on the disk; with `appendfsync always`, that is all acknowledged data. */
  copyData(to: string): void {
    cpSync(this.dataDirectory, to, { recursive: true });
  }

  /** Replaces the data by a copy. The process must not run. */
  putDataBack(from: string): void {
    this.wipeData();
    cpSync(from, this.dataDirectory, { recursive: true });
  }

  /** The process must not run. */
  wipeData(): void {
    rmSync(this.dataDirectory, { recursive: true });
    mkdirSync(this.dataDirectory);
  }

  async #start(args: readonly string[]): Promise<void> {
    this.#args = args;
    const where = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.dataDirectory];
    const all = [join(this.directory, 'config'), ...USUAL, ...where, ...args];
    const log = openSync(join(this.directory, 'log'), 'a');
    const child = spawn(this.command, all, { stdio: ['ignore', log, log] });
    closeSync(log);
    this.#process = child;
    // A process left behind by a failed test must not delay the others.
    child.unref();
    outliveNever(child);
    await this.#ready(child);
  }

  /** Waits until the data is loaded; the server listens before that. */
  async #ready(child: ChildProcess): Promise<void> {
    let failure: Error | undefined;
    child.once('error', (error) => (failure = error));
    const tooLate = AbortSignal.timeout(READY_MS);
    while (!(await ping(this.port))) {
      if (failure !== undefined) throw failure;
      if (child.exitCode === null && child.signalCode === null && !tooLate.aborted) {
        await delay(POLL_MS);
        continue;
      }
      throw new Error(`${this.command} on port ${this.port} did not begin to answer:\n${this.log}`);
    }
  }
}
