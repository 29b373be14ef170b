import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Child } from './child.js';
import type { ChildOptions } from './child.js';

const ROOT = resolve(import.meta.dirname, '../..');

/** Runs the `foghorn` command, with nothing of this process's own Foghorn or containerd settings. */
export function foghorn(args: readonly string[], options: ChildOptions = {}): Child {
  const foreign = Object.keys(process.env).filter((name) => /^(FOGHORN|CONTAINERD)_/.test(name));
  const env = { ...process.env, ...Object.fromEntries(foreign.map((name) => [name, undefined])) };
  return new Child(process.execPath, ['--import', 'tsx', 'cli/main.ts', ...args], {
    cwd: ROOT,
    env,
    ...options,
  });
}

/** A `foghorn serve` that can be killed and started again over the same store and socket. */
export class BrokerProcess {
  #child: Child | undefined;

  private constructor(private readonly directory: string) {}

  /** Makes a place for its socket and store; starts nothing. */
  static async create(): Promise<BrokerProcess> {
    return new BrokerProcess(await mkdtemp(join(tmpdir(), 'foghorn-broker-')));
  }

  /** Path of its socket. */
  get socket(): string {
    return join(this.directory, 'foghorn.sock');
  }

  get address(): string {
    return `unix://${this.socket}`;
  }

  /** Begins to start; it may be ended before it is ready. */
  launch(): Child {
    const store = `lmdb:${join(this.directory, 'store')}`;
    this.#child = foghorn(['serve', '--grpc', this.address, '--store', store]);
    return this.#child;
  }

  /** Resolves when it listens. */
  async start(): Promise<Child> {
    const child = this.launch();
    await child.until('listen', () => child.stdout.includes(`listening on ${this.address}`));
    return child;
  }

  /** A client command at this broker. */
  run(args: readonly string[], options: ChildOptions = {}): Child {
    return foghorn(['--address', this.address, ...args], options);
  }

  /** Kills it and removes its files. */
  async remove(): Promise<void> {
    await this.#child?.end('SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
  }
}
