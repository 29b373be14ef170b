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
  /** A configuration file to begin with, which the server may write to. */
  readonly config?: string;
}

/** An acknowledgement means that it is on the disk. */
const USUAL = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
const READY_MS = 20_000;
const POLL_MS = 10;
/** Free ports may be taken by others before we use them. */
const PORTS = 5;

/** A real Redis: a process with a directory and a port of its own, both of which it keeps over restarts. */
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

  /** Resolves when it answers. Rejects with what it has logged when it ends before that. */
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

  /** Of the process that was started last. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** All that it keeps between two starts. */
  get dataDirectory(): string {
    return join(this.directory, 'data');
  }

  /** Everything that it has logged, over all starts. */
  get log(): string {
    return readFileSync(join(this.directory, 'log'), 'utf8');
  }

  /** A client that connects again by itself and waits for answers as long as it takes; closed by `stop`. */
  client(credentials: Pick<RedisOptions, 'username' | 'password'> = {}): Redis {
    const client = new Redis({
      host: '127.0.0.1',
      port: this.port,
      maxRetriesPerRequest: null,
      retryStrategy: () => POLL_MS,
      ...credentials,
    });
    // Told for every attempt while the server is away; what was asked meanwhile is answered later.
    client.on('error', () => {});
    this.#clients.push(client);
    return client;
  }

  /** Resolves when it has ended. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const exited = once(child, 'exit');
    child.kill(signal);
    // A stopped process takes no notice of anything else.
    child.kill('SIGCONT');
    await exited;
  }

  /** Kills it, if it still runs, and starts it again. */
  async restart(args = this.#args): Promise<void> {
    await this.kill();
    await this.#start(args);
  }

  /** It stands still: connections stay open, and nothing is answered. */
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

  /** Copies the data as it is on the disk now; under `appendfsync always`, all that was acknowledged. */
  copyData(to: string): void {
    cpSync(this.dataDirectory, to, { recursive: true });
  }

  /** Puts a copy in the place of the data. It must not run. */
  putDataBack(from: string): void {
    this.wipeData();
    cpSync(from, this.dataDirectory, { recursive: true });
  }

  /** It must not run. */
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
    // One that a failed test has left behind keeps nobody waiting.
    child.unref();
    outliveNever(child);
    await this.#ready(child);
  }

  /** It listens before it has loaded its data, and answers so. */
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
