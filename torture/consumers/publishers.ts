import { setTimeout as delay } from 'node:timers/promises';
import { events, pack, type Client } from '../../client/index.js';
import type { Random } from '../random.js';

/**
 * Entries between the newest event and what is handled, from which on publishers wait. Faults stop
 * members for most of the time, so unbounded publishers would measure the rate of members instead.
 */
const MAX_LAG = 2000;

/** Publishes numbered exits of several containers, for as long as the members keep up. */
export class Publishers {
  /** Number of the last event of each container whose publication was acknowledged. */
  readonly published = new Map<string, number>();
  /** Set by the one that watches the consumer. */
  lag = 0;

  constructor(
    private readonly client: Client,
    private readonly random: Random,
  ) {}

  get events(): number {
    return [...this.published.values()].reduce((total, each) => total + each, 0);
  }

  /** Resolves when the signal has aborted and everything that was begun is stored. */
  async run(containers: number, signal: AbortSignal): Promise<void> {
    await Promise.all(Array.from({ length: containers }, (_, i) => this.#publish(`c${i}`, signal)));
  }

  async #publish(containerId: string, signal: AbortSignal): Promise<void> {
    for (let pid = 1; !signal.aborted;) {
      await delay(this.random.between(0, 40));
      if (this.lag > MAX_LAG) continue;
      await this.#publishUntilStored(
        pack(events.TaskExit, { containerId, id: containerId, pid, exitStatus: 1 }),
      );
      this.published.set(containerId, pid++);
    }
  }

  /** An event whose answer was lost may be stored twice. */
  async #publishUntilStored(event: ReturnType<typeof pack>): Promise<void> {
    for (;;) {
      try {
        await this.client.publish({ topic: '/tasks/exit', event }, { timeout: 60_000 });
        return;
      } catch {
        await delay(100);
      }
    }
  }
}
