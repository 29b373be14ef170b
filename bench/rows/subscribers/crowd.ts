import { setTimeout as delay } from 'node:timers/promises';
import type { SubscribersSettings } from '../../loads/event-subscribers.js';
import { startLoad } from '../../support/load.js';
import type { Program } from '../../support/program.js';
import { quiet } from '../../support/quiet.js';
import type { Defer } from '../../support/resources.js';
import type { EventServer } from './event-server.js';

const POLL_MS = 100;
/** When nothing has arrived for so long, nothing more does. */
const PATIENCE_MS = 3000;

/** Subscribers at a server, all in one process. */
export class Crowd {
  private constructor(private readonly program: Program) {}

  /**
   * Resolves when all of them miss nothing any more: containerd does not tell, but has nothing left
   * to do then.
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

  /** Lets those read who read nothing until now. */
  beginToRead(): void {
    this.program.signal('SIGCONT');
  }

  /** How many events have arrived so far. */
  async arrived(): Promise<number> {
    this.program.signal('SIGUSR2');
    return Number(await this.program.line(''));
  }

  /**
   * Resolves when exactly so many have arrived. Rejects when there are more, or when no more come.
   */
  async hasAll(expected: number): Promise<void> {
    let arrived = await this.arrived();
    for (let idle = 0; arrived < expected && idle < PATIENCE_MS;) {
      await delay(POLL_MS);
      const now = await this.arrived();
      idle = now === arrived ? idle + POLL_MS : 0;
      arrived = now;
    }
    if (arrived === expected) return;
    throw new Error(`expected ${expected} events, as many as were published, got ${arrived}`);
  }
}
