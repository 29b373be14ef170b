import type { ArrivalReport } from '../loads/docker/arrivals.js';
import type { FollowersSettings } from '../loads/docker-followers.js';
import { whenArrived } from '../support/arrivals.js';
import { startLoad } from '../support/load.js';
import type { Program } from '../support/program.js';
import type { DockerDaemon, Defer } from './daemon.js';

/** Time without an arrival after which no more are expected. */
const IDLE_LIMIT_MS = 3000;

/** Clients that follow a daemon's events, all in one process. */
export class DockerCrowd {
  private constructor(private readonly program: Program) {}

  /** Resolves when every client follows; from then on none misses an event. */
  static async start(
    daemon: DockerDaemon,
    clients: Omit<FollowersSettings, 'socketPath'>,
    profile: string | undefined,
    defer: Defer,
  ): Promise<DockerCrowd> {
    const { socketPath } = daemon;
    const program = await startLoad('docker-followers', { socketPath, ...clients }, profile);
    defer(() => program.ended('SIGTERM'));
    await program.line('following');
    return new DockerCrowd(program);
  }

  get pid(): number {
    return this.program.pid;
  }

  /** Makes stuck clients read. */
  beginToRead(): void {
    this.program.signal('SIGCONT');
  }

  /** Resets the counts. */
  beginAnew(): void {
    this.program.signal('SIGHUP');
  }

  async report(): Promise<ArrivalReport> {
    this.program.signal('SIGUSR2');
    return JSON.parse(await this.program.line('{')) as ArrivalReport;
  }

  /** Resolves when this many events have arrived in all, or when no more come. */
  hasAll(expected: number): Promise<ArrivalReport> {
    return whenArrived(() => this.report(), expected, IDLE_LIMIT_MS);
  }
}
