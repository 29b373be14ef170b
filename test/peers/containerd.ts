import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../client/index.js';
import type { Client } from '../../client/index.js';
import { Child } from '../support/processes/child.js';
import type { Cleanup } from '../support/processes/cleanup.js';
import { CONTAINERD_COMMANDS, findInstalled } from './installed.js';
import { removeLeftovers, shims, signalProcess } from './leftovers.js';

/** A containerd with all its files in one directory. */
export class Containerd {
  /** A client of this containerd. */
  readonly client: Client;
  #daemon: Child | undefined;

  private constructor(
    private readonly directory: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {
    this.client = connect({ address: this.address, daemon: 'containerd' });
  }

  /**
   * Creates the directory and a root filesystem for containers, and starts containerd. The cleanup
   * stops it and removes its containers, their shims and all files.
   *
   * @param env environment of the daemon and its shims
   */
  static async start(cleanup: Cleanup, env = process.env): Promise<Containerd> {
    const installed = await findInstalled(CONTAINERD_COMMANDS);
    const containerd = new Containerd(await mkdtemp(join(tmpdir(), 'foghorn-containerd-')), env);
    cleanup.defer(() => containerd.#remove());
    await containerd.#makeRootFilesystem(installed.get('busybox')!);
    await writeFile(containerd.#configFile, containerd.#config());
    await containerd.startAgain();
    return containerd;
  }

  /** Path of the socket. */
  get socket(): string {
    return join(this.directory, 'containerd.sock');
  }

  get address(): string {
    return `unix://${this.socket}`;
  }

  async startAgain(): Promise<void> {
    const daemon = new Child('containerd', ['--config', this.#configFile], { env: this.env });
    this.#daemon = daemon;
    await daemon.until('boot', () =>
      daemon.stderr.some((line) => line.includes('successfully booted')),
    );
  }

  /** Ends the daemon; containers and their shims keep running. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.#daemon?.end(signal);
  }

  /** Kills all shims; their containers keep running until the daemon notices. */
  killShims(): Promise<void> {
    return this.signalShims('SIGKILL');
  }

  async signalShims(signal: NodeJS.Signals): Promise<void> {
    for (const pid of await shims(this.directory)) signalProcess(pid, signal);
  }

  /** Ends all containers and shims of a stopped daemon, and removes what a reboot removes. */
  async loseState(): Promise<void> {
    await removeLeftovers(this.directory);
    await rm(join(this.directory, 'state'), { recursive: true, force: true });
    await rm(join(this.directory, 'runc'), { recursive: true, force: true });
  }

  /** Runs a client command against this containerd. */
  ctr(...args: string[]): Child {
    return new Child('ctr', ['--address', this.socket, ...args]);
  }

  /**
   * Runs a shell script in a container to its end; resolves with the exit code that ctr reports.
   *
   * @param flags further flags of `ctr run`
   */
  async run(id: string, script: string, ...flags: string[]): Promise<number | null> {
    const { code } = await this.ctr('run', '--rm', ...flags, ...this.#container(id, script)).exited;
    return code;
  }

  /**
   * Starts a container with a shell script.
   *
   * @param flags further flags of `ctr run`
   */
  async runDetached(id: string, script: string, ...flags: string[]): Promise<void> {
    await this.ctr('run', '--detach', ...flags, ...this.#container(id, script)).succeeded();
  }

  async #remove(): Promise<void> {
    await this.client.close();
    await this.end('SIGTERM');
    await removeLeftovers(this.directory);
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Flags without cgroups, which a sandbox may forbid. */
  #container(id: string, script: string): string[] {
    const runc = join(this.directory, 'runc');
    const flags = ['--null-io', '--cgroup', '', '--runc-root', runc, '--rootfs'];
    return [...flags, this.rootFilesystem, id, '/bin/sh', '-c', script];
  }

  /** Creates a directory with busybox and links for its commands. */
  get rootFilesystem(): string {
    return join(this.directory, 'rootfs');
  }

  get #configFile(): string {
    return join(this.directory, 'config.toml');
  }

  #config(): string {
    return `
version = 2
root = "${this.directory}/root"
state = "${this.directory}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "${this.socket}"
[ttrpc]
  address = "${this.socket}.ttrpc"
`;
  }

  async #makeRootFilesystem(busybox: string): Promise<void> {
    const bin = join(this.rootFilesystem, 'bin');
    await mkdir(bin, { recursive: true });
    await cp(busybox, join(bin, 'busybox'), { dereference: true });
    for (const command of ['sh', 'sleep', 'true', 'false'])
      await symlink('busybox', join(bin, command));
    // A dynamically linked one would not start in a container.
    await new Child('chroot', [this.rootFilesystem, '/bin/sh', '-c', 'exit 0'])
      .succeeded()
      .catch((error: unknown) => {
        throw new Error('busybox must be a static one: apt-get install busybox-static', {
          cause: error,
        });
      });
  }
}
