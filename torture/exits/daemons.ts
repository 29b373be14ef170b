import { BrokerProcess } from '../../test/support/processes/broker-process.js';
import type { Child } from '../../test/support/processes/child.js';
import type { Cleanup } from '../../test/support/processes/cleanup.js';
import { Containerd } from '../../test/peers/containerd.js';
import { Dockerd } from '../../test/peers/dockerd.js';
import { startEngineProxy } from '../../test/peers/engine-proxy.js';

/** The processes that a fault can kill; a shim is killed with all others of its containerd. */
export const TARGETS = [
  'broker',
  'containerd recorder',
  'docker recorder',
  'containerd',
  'dockerd',
  'shims',
] as const;

export type Target = (typeof TARGETS)[number];

/** A real engine, its containerd, and a broker that records both. */
export class Daemons {
  readonly #recorders = new Map<Target, Child>();
  #serving: Child | undefined;
  /** Lines that ended processes wrote to stderr. */
  readonly #past: string[] = [];

  private constructor(
    readonly containerd: Containerd,
    readonly dockerd: Dockerd,
    readonly broker: BrokerProcess,
    private readonly isInFront: boolean,
  ) {}

  /** @param isInFront whether the broker stands in front of the engine, and records by itself */
  static async start(cleanup: Cleanup, isInFront: boolean): Promise<Daemons> {
    const containerd = await Containerd.start(cleanup);
    const dockerd = await Dockerd.start(containerd, cleanup);
    const daemons = new Daemons(
      containerd,
      dockerd,
      await BrokerProcess.create(cleanup),
      isInFront,
    );
    cleanup.defer(() => daemons.#endRecorders());
    await daemons.#startBroker();
    await daemons.#record('containerd recorder');
    await daemons.#record('docker recorder');
    await daemons.#untilRecording();
    if (!isInFront) {
      await startEngineProxy(daemons.wholeSocket, daemons.dockerSocket, dockerd.socket, cleanup);
    }
    return daemons;
  }

  /** Path of the broker's Docker socket. */
  get dockerSocket(): string {
    return this.broker.file('docker.sock');
  }

  /** Path of a socket with the whole Docker API: Foghorn for waits, the engine for the rest. */
  get wholeSocket(): string {
    return this.isInFront ? this.dockerSocket : this.broker.file('whole.sock');
  }

  /** Lines that the recorders wrote to stderr, with their names. */
  get logs(): readonly string[] {
    const running = [...this.#recorders].flatMap(([name, { stderr }]) => lines(name, stderr));
    return [...this.#past, ...running, ...lines('broker', this.#serving?.stderr ?? [])];
  }

  /** Kills processes at the same moment. */
  async kill(targets: readonly Target[]): Promise<void> {
    await Promise.all(targets.map((target) => this.#kill(target)));
  }

  /** Starts what was killed, and resolves when everything listens. */
  async startAgain(targets: readonly Target[], isBrokerFirst: boolean): Promise<void> {
    const ours = async (): Promise<void> => {
      if (targets.includes('broker')) await this.#startBroker();
      for (const name of ['containerd recorder', 'docker recorder'] as const) {
        if (targets.includes(name)) await this.#record(name);
      }
    };
    if (isBrokerFirst) await ours();
    if (targets.includes('containerd')) await this.containerd.startAgain();
    if (targets.includes('dockerd')) await this.dockerd.startAgain();
    if (!isBrokerFirst) await ours();
  }

  async #kill(target: Target): Promise<void> {
    switch (target) {
      case 'broker':
        await this.broker.end('SIGKILL');
        this.#past.push(...lines(target, this.#serving?.stderr ?? []));
        return;
      case 'containerd':
      case 'dockerd':
        await this[target].end('SIGKILL');
        return;
      case 'shims':
        await this.containerd.killShims();
        return;
      default: {
        const child = this.#recorders.get(target);
        await child?.end('SIGKILL');
        this.#past.push(...lines(target, child?.stderr ?? []));
      }
    }
  }

  async #startBroker(): Promise<void> {
    const address = `unix://${this.dockerSocket}`;
    const flags = ['--docker', address, ...(this.isInFront ? this.#recordingFlags() : [])];
    const child = await this.broker.start({ flags });
    await child.until('serve Docker', () => child.stdout.includes(`listening on ${address}`));
    this.#serving = child;
  }

  #recordingFlags(): string[] {
    const { containerd, dockerd, broker } = this;
    return [
      ...['--engine', dockerd.socket, '--record', `containerd=${containerd.socket}`],
      ...['--record-spool', broker.file('spools')],
    ];
  }

  async #record(name: 'containerd recorder' | 'docker recorder'): Promise<void> {
    if (this.isInFront) return;
    const [kind = ''] = name.split(' ');
    const from = kind === 'docker' ? this.dockerd.socket : this.containerd.socket;
    const args = ['record', kind, '--from', from, '--spool', this.broker.file(kind)];
    this.#recorders.set(name, await this.broker.run(args));
  }

  /** Resolves when both daemons are recorded: earlier events cannot be known. */
  async #untilRecording(): Promise<void> {
    const children = this.isInFront ? [this.#serving!] : [...this.#recorders.values()];
    const expected = 2 / children.length;
    for (const child of children) {
      const begun = (line: string): boolean => line.includes('recording the events');
      await child.until('record', () => child.stderr.filter(begun).length >= expected);
    }
  }

  async #endRecorders(): Promise<void> {
    for (const child of this.#recorders.values()) await child.end('SIGKILL');
  }
}

function lines(name: string, stderr: readonly string[]): string[] {
  return stderr.map((line) => `${name}: ${line}`);
}
