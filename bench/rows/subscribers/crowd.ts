import type { SubscribersSettings } from '../../loads/event-subscribers.js';
import { whenArrived } from '../../support/arrivals.js';
import { startLoad } from '../../support/load.js';
import type { Program } from '../../support/program.js';
import { quiet } from '../../support/quiet.js';
import type { Defer } from '../../support/resources.js';
import type { EventServer } from './event-server.js';

/** Time without an arrival after which no more are expected. */
const IDLE_LIMIT_MS = 3000;

/** Subscribers at a server, all in one process. */
export class Crowd {
  private constructor(private readonly program: Program) {}

  /**
   * Resolves when every subscription has begun. containerd does not signal that, but is idle then.
   */
  static async start(
    { pid, address }: EventServer,
    subscribers: Omit<SubscribersSettings, 'address'>,
    defer: Defer,
  ): Promise<Crowd> {
    const program = await startLoad('event-subscribers', { address, ...subscribers }, undefined);
    defer(() => program.ended('SIGTERM'));
    await program.line('subscribing');
    await quiet({ 'the server': pid, 'the crowd': program.pid });
    return new Crowd(program);
  }

  get pid(): number {
    return this.program.pid;
  }

  /** Makes stuck subscribers read. */
  beginToRead(): void {
    this.program.signal('SIGCONT');
  }

  /** Resolves with the number of events received so far. */
  async arrived(): Promise<number> {
    this.program.signal('SIGUSR2');
    return Number(await this.program.line(''));
  }

  /** Resolves at exactly this number of received events. Rejects at more, or when no more come. */
  async hasAll(expected: number): Promise<void> {
    const report = async () => ({ total: await this.arrived() });
    const { total } = await whenArrived(report, expected, IDLE_LIMIT_MS);
    if (total === expected) return;
    throw new Error(`expected ${expected} events, as many as were published, got ${total}`);
  }
}
