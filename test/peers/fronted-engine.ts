import { Child } from '../support/processes/child.js';
import { BrokerProcess } from '../support/processes/broker-process.js';
import type { Cleanup } from '../support/processes/cleanup.js';
import { Containerd } from './containerd.js';
import { Dockerd } from './dockerd.js';

/** The two sockets that clients are compared on. */
export type Host = 'foghorn' | 'dockerd';

/** A real dockerd on a real containerd, and a broker in front of both that records them. */
export class FrontedEngine {
  private constructor(
    readonly containerd: Containerd,
    readonly dockerd: Dockerd,
    readonly broker: BrokerProcess,
    private readonly listening: readonly string[],
    /** Lines that the broker has logged. */
    readonly log: readonly string[],
  ) {}

  /** Starts all three, with further flags of dockerd and the broker. */
  static async start(
    cleanup: Cleanup,
    flags: { readonly dockerd?: readonly string[]; readonly broker?: readonly string[] } = {},
  ): Promise<FrontedEngine> {
    const containerd = await Containerd.start(cleanup);
    const dockerd = await Dockerd.start(containerd, cleanup, 'docker', flags.dockerd);
    const broker = await BrokerProcess.create(cleanup);
    const socket = (name: string): string => broker.file(`docker-${name}.sock`);
    const readOnly = `unix://${socket('read-only')}?allow=events,containers:read&mask=env`;
    const child = await broker.start({
      flags: [
        ...['--engine', dockerd.socket, '--containerd', containerd.socket],
        ...['--docker', `unix://${socket('foghorn')},${readOnly}`],
        ...['--record-spool', broker.file('spools')],
        ...(flags.broker ?? []),
      ],
    });
    const isRecording = (): boolean =>
      child.stderr.filter((line) => line.includes('recording the events')).length === 2;
    await child.until('record both', isRecording);
    return new FrontedEngine(containerd, dockerd, broker, child.stdout, child.stderr);
  }

  /** The TCP addresses that the broker listens on, in the order of its lines. */
  get tcpAddresses(): readonly string[] {
    const addresses = this.listening.map((line) =>
      line.replace(/^listening on (?:https:\/\/)?/, ''),
    );
    return addresses.filter((address) => address.startsWith('127.0.0.1:'));
  }

  /** Path of a Docker socket. */
  path(host: Host | 'read-only'): string {
    return host === 'dockerd' ? this.dockerd.socket : this.broker.file(`docker-${host}.sock`);
  }

  /** The environment of a client of one of the sockets. */
  env(host: Host | 'read-only'): NodeJS.ProcessEnv {
    return { ...process.env, DOCKER_HOST: `unix://${this.path(host)}`, DOCKER_BUILDKIT: '0' };
  }

  /** Runs a client of one of the sockets, with input. */
  run(host: Host | 'read-only', command: readonly string[], input = ''): Child {
    const [program = '', ...args] = command;
    return new Child(program, args, { env: this.env(host), input: Buffer.from(input) });
  }
}
