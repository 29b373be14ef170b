import { setTimeout as delay } from 'node:timers/promises';
import { DockerClient } from '../support/docker/docker-client.js';
import { Child } from '../support/processes/child.js';
import type { Cleanup } from '../support/processes/cleanup.js';
import { BrokerProcess } from '../support/processes/broker-process.js';
import { eventually } from '../support/eventually.js';
import { Containerd } from './containerd.js';
import { Dockerd } from './dockerd.js';

/** An event as the docker command prints it with `--format '{{json .}}'`. */
export interface ShownEvent {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly timeNano: number;
}

/**
 * A real dockerd on a real containerd, and a broker that records both and serves the Docker API.
 */
export class RecordedEngine {
  #bridges: Child[] = [];
  #markers = 0;

  private constructor(
    readonly containerd: Containerd,
    readonly dockerd: Dockerd,
    readonly broker: BrokerProcess,
    private readonly cleanup: Cleanup,
  ) {}

  /** @param client name or path of the docker command */
  static async start(cleanup: Cleanup, client?: string): Promise<RecordedEngine> {
    const containerd = await Containerd.start(cleanup);
    const dockerd = await Dockerd.start(containerd, cleanup, client);
    return RecordedEngine.over(containerd, dockerd, cleanup);
  }

  /** Starts to record a running engine. */
  static async over(
    containerd: Containerd,
    dockerd: Dockerd,
    cleanup: Cleanup,
  ): Promise<RecordedEngine> {
    const broker = await BrokerProcess.create(cleanup, []);
    const engine = new RecordedEngine(containerd, dockerd, broker, cleanup);
    await engine.startBroker();
    await engine.startBridges();
    return engine;
  }

  /** Address of the broker's Docker socket. */
  get foghorn(): string {
    return `unix://${this.broker.file('docker.sock')}`;
  }

  async startBroker(): Promise<void> {
    const child = await this.broker.start({ flags: ['--docker', this.foghorn] });
    await child.until('serve Docker', () => child.stdout.includes(`listening on ${this.foghorn}`));
  }

  /** @param bootId file with the boot id that the recorders see instead of the machine's */
  async startBridges({ bootId }: { readonly bootId?: string } = {}): Promise<void> {
    const { containerd, dockerd } = this;
    const under = bootId === undefined ? [] : withBootId(bootId);
    const bridge = (kind: string, from: string): Promise<Child> =>
      this.broker.run(['record', kind, '--from', from, '--spool', this.broker.file(kind)], {
        under,
      });
    this.#bridges = [
      await bridge('containerd', containerd.socket),
      await bridge('docker', dockerd.socket),
    ];
    for (const child of this.#bridges) {
      this.cleanup.defer(() => child.end('SIGKILL'));
      await child.until('record', () => child.stderr.some((line) => line.includes('recording')));
    }
    // containerd does not report when a subscription has begun.
    await this.recorded();
  }

  async stopBridges(): Promise<void> {
    for (const child of this.#bridges) await child.end('SIGTERM');
  }

  async killRecorders(): Promise<void> {
    for (const child of this.#bridges) await child.end('SIGKILL');
  }

  /** Sends a signal to the recorder of the engine. */
  signalEngineRecorder(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#bridges.at(-1)?.signal(signal);
  }

  /** Returns a client of one of the two, which the cleanup closes. */
  client(host: 'foghorn' | 'dockerd'): DockerClient {
    const socket = host === 'foghorn' ? this.foghorn.replace('unix://', '') : this.dockerd.socket;
    const client = new DockerClient(socket);
    this.cleanup.defer(() => {
      client.close();
    });
    return client;
  }

  /** Runs a docker command against one of the two. */
  docker(host: 'foghorn' | 'dockerd', ...args: string[]): Child {
    return this.dockerd.docker(
      '--host',
      host === 'foghorn' ? this.foghorn : this.dockerd.address,
      ...args,
    );
  }

  /** Resolves when all events so far are in the history: the engine's and containerd's. */
  async recorded(): Promise<void> {
    const name = `marker-${(this.#markers += 1)}`;
    const since = unixTime();
    await this.dockerd.docker('volume', 'create', name).succeeded();
    await eventually(async () => {
      const events = await this.eventsOf('foghorn', since);
      return events.some(({ Actor }) => Actor.ID === name);
    });
  }

  /** Returns the events of one of the two from a time until now, without markers. */
  async eventsOf(host: 'foghorn' | 'dockerd', since: string): Promise<ShownEvent[]> {
    const flags = ['--since', since, '--until', unixTime(), '--format', '{{json .}}'];
    const { stdout } = await this.docker(host, 'events', ...flags).succeeded();
    return stdout.map((line) => JSON.parse(line) as ShownEvent);
  }

  /** Returns the lines that both print for the events during `work`. */
  async linesWhile(work: () => Promise<void>): Promise<Record<'foghorn' | 'dockerd', string[]>> {
    // The span must begin after all earlier events, whichever clock stamped them.
    await delay(20);
    const since = unixTime();
    await work();
    await this.recorded();
    const until = unixTime();
    const lines = async (host: 'foghorn' | 'dockerd'): Promise<string[]> => {
      const flags = ['--since', since, '--until', until, '--format', '{{json .}}'];
      const { stdout } = await this.docker(host, 'events', ...flags).succeeded();
      return stdout.filter((line) => !line.includes('"ID":"marker-'));
    };
    return { foghorn: await lines('foghorn'), dockerd: await lines('dockerd') };
  }
}

/** A command that runs another one in which the boot id is that of a file. */
function withBootId(file: string): string[] {
  const script = 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"';
  return ['unshare', '--mount', 'sh', '-c', script, file];
}

/** Returns the current time in seconds since 1970, with a fraction. */
export function unixTime(): string {
  return (Date.now() / 1000).toFixed(3);
}
