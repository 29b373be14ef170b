import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../support/processes/child.js';
import type { Cleanup } from '../support/processes/cleanup.js';
import type { Containerd } from './containerd.js';
import { findInstalled } from './installed.js';
import { removeLeftovers } from './leftovers.js';

/** Name of the image of all containers: busybox alone. */
const IMAGE = 'busybox:latest';

/**
 * A dockerd over a containerd, with its other files in one directory. It leaves the machine's
 * network alone; its containers survive it.
 */
export class Dockerd {
  #daemon: Child | undefined;

  private constructor(
    private readonly directory: string,
    private readonly containerd: Containerd,
    /** Path of the docker command. */
    private readonly client: string,
    private readonly flags: readonly string[],
  ) {}

  /**
   * Starts dockerd and imports the image. The cleanup stops it and removes its containers and
   * files.
   *
   * @param client name or path of the docker command to use
   * @param flags further flags of dockerd
   */
  static async start(
    containerd: Containerd,
    cleanup: Cleanup,
    client = 'docker',
    flags: readonly string[] = [],
  ): Promise<Dockerd> {
    await findInstalled(['dockerd', 'docker']);
    const directory = await mkdtemp(join(tmpdir(), 'foghorn-dockerd-'));
    const dockerd = new Dockerd(directory, containerd, client, flags);
    cleanup.defer(() => dockerd.#remove());
    // Without this, it would read the machine's configuration.
    await writeFile(dockerd.#configFile, '{}');
    await dockerd.startAgain();
    await dockerd.#importImage();
    return dockerd;
  }

  /** Path of the socket. */
  get socket(): string {
    return join(this.directory, 'docker.sock');
  }

  get address(): string {
    return `unix://${this.socket}`;
  }

  /** The TCP address that it listens on, `host:port`, where the flags name one. */
  get tcpAddress(): string {
    const port = /API listen on 127\.0\.0\.1:(\d+)/.exec(
      this.#daemon?.stderr.join('\n') ?? '',
    )?.[1];
    if (port === undefined) throw new Error('dockerd does not listen on 127.0.0.1');
    return `127.0.0.1:${port}`;
  }

  /** Resolves when the engine answers. */
  async startAgain(): Promise<void> {
    const daemon = new Child('dockerd', this.#flags());
    this.#daemon = daemon;
    await daemon.until('listen', () =>
      daemon.stderr.some((line) => line.includes('API listen on')),
    );
  }

  /** Stops the daemon; containers and their shims keep running. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.#daemon?.end(signal);
  }

  /** Runs a client command against this engine. */
  docker(...args: string[]): Child {
    const env = { ...process.env, DOCKER_HOST: this.address, DOCKER_CONFIG: this.directory };
    return new Child(this.client, args, { env });
  }

  /** Starts a container with a shell script; resolves with its id. */
  async runDetached(name: string, script: string): Promise<string> {
    const flags = ['--detach', '--network', 'none', '--name', name];
    const command = [IMAGE, '/bin/sh', '-c', script];
    const { stdout } = await this.docker('run', ...flags, ...command).succeeded();
    return stdout[0] ?? '';
  }

  /**
   * Runs a shell script in a container to its end; resolves with the exit code that the client
   * reports.
   */
  async run(name: string, script: string): Promise<number | null> {
    const command = [IMAGE, '/bin/sh', '-c', script];
    const run = this.docker('run', '--network', 'none', '--name', name, ...command);
    return (await run.exited).code;
  }

  async #importImage(): Promise<void> {
    const archive = join(this.directory, 'image.tar');
    await new Child('tar', ['-C', this.containerd.rootFilesystem, '-cf', archive, '.']).succeeded();
    await this.docker('import', archive, IMAGE).succeeded();
  }

  async #remove(): Promise<void> {
    if (this.#daemon?.running) {
      const { stdout: ids } = await this.docker('ps', '--all', '--quiet').succeeded();
      if (ids.length > 0) await this.docker('rm', '--force', ...ids).succeeded();
    }
    await this.end('SIGTERM');
    await removeLeftovers(this.directory);
    await rm(this.directory, { recursive: true, force: true });
  }

  get #configFile(): string {
    return join(this.directory, 'daemon.json');
  }

  #flags(): string[] {
    const { directory } = this;
    return [
      ...['--config-file', this.#configFile, '--containerd', this.containerd.socket],
      ...['--data-root', join(directory, 'data'), '--exec-root', join(directory, 'exec')],
      ...['--pidfile', join(directory, 'pid'), '--host', this.address],
      ...['--containerd-namespace', 'moby', '--live-restore', '--storage-driver', 'vfs'],
      ...['--bridge', 'none', '--iptables=false', '--ip6tables=false'],
      ...['--ip-forward=false', '--ip-masq=false'],
      ...this.flags,
    ];
  }
}
