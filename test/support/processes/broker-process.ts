import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtMain } from './build.js';
import { Child } from './child.js';
import type { ChildOptions, Exit } from './child.js';
import type { Cleanup } from './cleanup.js';

export interface CommandOptions extends ChildOptions {
  /** Command with flags that runs it, such as strace. */
  readonly under?: readonly string[];
}

/** Runs the `foghorn` command without this process's Foghorn and containerd settings. */
export async function foghorn(
  args: readonly string[],
  { under = [], ...options }: CommandOptions = {},
): Promise<Child> {
  const [command = '', ...rest] = [...under, process.execPath, await builtMain(), ...args];
  return new Child(command, rest, { env: ownEnv(), ...options });
}

function ownEnv(): NodeJS.ProcessEnv {
  // Many brokers run at once, and the default address has space for one.
  const own = { FOGHORN_HTTP: 'none' };
  const foreign = Object.keys(process.env).filter((name) => /^(FOGHORN|CONTAINERD)_/.test(name));
  return {
    ...process.env,
    ...Object.fromEntries(foreign.map((name) => [name, undefined])),
    ...own,
  };
}

/** Deviations from the default way to start a broker. */
export interface ServeSettings {
  /** Further flags of `foghorn serve`. */
  readonly flags?: readonly string[];
  /** Address to listen on instead of its socket. */
  readonly address?: string;
  /** Store URL instead of its own store. */
  readonly store?: string;
  /** Command with flags that runs the broker, such as strace. */
  readonly under?: readonly string[];
}

/** A `foghorn serve` that can be killed and started again over the same store and socket. */
export class BrokerProcess {
  #child: Child | undefined;

  private constructor(
    private readonly directory: string,
    private readonly serveArgs: readonly string[],
  ) {}

  /**
   * Creates a directory for the socket and the store; starts nothing. The cleanup kills the broker
   * and removes the directory.
   *
   * @param serveArgs further flags of `foghorn serve`
   */
  static async create(cleanup: Cleanup, serveArgs: readonly string[] = []): Promise<BrokerProcess> {
    const directory = await mkdtemp(join(tmpdir(), 'foghorn-broker-'));
    const broker = new BrokerProcess(directory, serveArgs);
    cleanup.defer(() => broker.#remove());
    return broker;
  }

  /** Path of the socket. */
  get socket(): string {
    return this.file('foghorn.sock');
  }

  get address(): string {
    return `unix://${this.socket}`;
  }

  /** Directory of its store. */
  get store(): string {
    return this.file('store');
  }

  /** Returns a path beside its socket and store, which is removed with them. */
  file(name: string): string {
    return join(this.directory, name);
  }

  /** Starts the process without waiting until it is ready. */
  async launch({
    flags = [],
    address,
    store = `lmdb:${this.store}`,
    under = [],
  }: ServeSettings = {}): Promise<Child> {
    const serve = ['serve', '--grpc', address ?? this.address, '--store', store];
    const command = [
      ...under,
      process.execPath,
      await builtMain(),
      ...serve,
      ...this.serveArgs,
      ...flags,
    ];
    this.#child = new Child(command[0]!, command.slice(1), { env: ownEnv() });
    return this.#child;
  }

  /** Starts the broker; resolves when it listens. */
  async start(settings: ServeSettings = {}): Promise<Child> {
    const child = await this.launch(settings);
    const address = settings.address ?? this.address;
    await child.until('listen', () => child.stdout.includes(`listening on ${address}`));
    return child;
  }

  /** Runs a client command against this broker. */
  run(args: readonly string[], options: CommandOptions = {}): Promise<Child> {
    return foghorn(['--address', this.address, ...args], options);
  }

  /** Sends the signal; resolves with how the broker ended. */
  async end(signal: NodeJS.Signals): Promise<Exit> {
    if (!this.#child) throw new Error('the broker was never started');
    return this.#child.end(signal);
  }

  async #remove(): Promise<void> {
    await this.#child?.end('SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
  }
}
