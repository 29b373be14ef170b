import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { Child } from '../support/processes/child.js';
import type { Cleanup } from '../support/processes/cleanup.js';
import { eventually } from '../support/eventually.js';
import { findInstalled } from './installed.js';

const IMAGE = 'localhost/busybox:latest';

/**
 * A Podman with all its files in one directory, and its service for Docker clients. Its containers
 * share the machine's network, and its limits, which a sandbox may not let it raise.
 */
export class Podman {
  private constructor(private readonly directory: string) {}

  /** Imports the image and starts the service. The cleanup removes containers and files. */
  static async start(cleanup: Cleanup): Promise<Podman> {
    const directory = await mkdtemp(join(tmpdir(), 'foghorn-podman-'));
    const podman = new Podman(directory);
    cleanup.defer(() => podman.#remove());
    await podman.#configure();
    await podman.#importImage();
    const service = podman.run('system', 'service', '--time=0', podman.address);
    cleanup.defer(() => service.end('SIGTERM'));
    await eventually(() => existsSync(podman.socket));
    return podman;
  }

  /** Path of the socket of the service. */
  get socket(): string {
    return join(this.directory, 'podman.sock');
  }

  get address(): string {
    return `unix://${this.socket}`;
  }

  /** Runs a command of Podman. */
  run(...args: string[]): Child {
    const env = {
      ...process.env,
      CONTAINERS_CONF: join(this.directory, 'containers.conf'),
      CONTAINERS_STORAGE_CONF: join(this.directory, 'storage.conf'),
    };
    return new Child('podman', ['--tmpdir', join(this.directory, 'tmp'), ...args], { env });
  }

  /** Runs a shell script in a container. */
  container(name: string, script: string, ...flags: string[]): Child {
    return this.run('run', '--name', name, ...flags, IMAGE, '/bin/sh', '-c', script);
  }

  async #configure(): Promise<void> {
    await writeFile(
      join(this.directory, 'containers.conf'),
      `[containers]
default_ulimits = []
netns = "host"
[engine]
runtime = "runc"
events_logger = "file"
cgroup_manager = "cgroupfs"
`,
    );
    await writeFile(
      join(this.directory, 'storage.conf'),
      `[storage]
driver = "vfs"
graphroot = "${this.directory}/root"
runroot = "${this.directory}/run"
`,
    );
  }

  async #importImage(): Promise<void> {
    const installed = await findInstalled(['busybox', 'runc', 'podman']);
    const bin = join(this.directory, 'image/bin');
    await mkdir(bin, { recursive: true });
    await cp(installed.get('busybox')!, join(bin, 'busybox'), { dereference: true });
    for (const command of ['sh', 'sleep']) await symlink('busybox', join(bin, command));
    const archive = join(this.directory, 'image.tar');
    await new Child('tar', ['-C', join(bin, '..'), '-cf', archive, '.']).succeeded();
    await this.run('import', archive, IMAGE).succeeded();
  }

  async #remove(): Promise<void> {
    await this.run('rm', '--all', '--force', '--time', '0').exited;
    await rm(this.directory, { recursive: true, force: true });
  }
}
