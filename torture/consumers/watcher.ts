import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../../client/index.js';
import type { Publishers } from './publishers.js';
import { machineTime } from './records.js';

const PROGRESS_MS = 20_000;
/** Time to handle what is left once the faults have ended. */
const PATIENCE_MS = 180_000;
/** Entries by which a stored floor may be below that of a broker that works on the consumer. */
const FLOOR_STEP = 1024;

type Consumer = Awaited<ReturnType<Client['consumers']['get']>>;

/** Looks at the consumer all the time: its floor must not go back, and it must be drained. */
export class Watcher {
  readonly faults: string[] = [];
  #highest = 0;
  #last = 'the consumer could not be read';

  constructor(
    private readonly client: Client,
    private readonly publishers: Publishers,
  ) {}

  /** Watches until the signal aborts, and shows from time to time how far the members are. */
  async run(signal: AbortSignal): Promise<void> {
    const begun = machineTime();
    let shownAt = begun;
    while (!signal.aborted) {
      await delay(100);
      await this.#look();
      if (machineTime() < shownAt + PROGRESS_MS) continue;
      shownAt = machineTime();
      const seconds = Math.round((shownAt - begun) / 1000);
      console.log(`${seconds} s: ${this.publishers.events} events, ${this.#last}`);
    }
  }

  /** Waits until everything is handled. */
  async drained(): Promise<void> {
    const end = machineTime() + PATIENCE_MS;
    while (machineTime() < end) {
      const consumer = await this.#look();
      if (consumer?.lag === 0n && consumer.inFlight === 0n) {
        if (consumer.gaps > 0n) this.faults.push(`${consumer.gaps} gaps, but nothing was lost`);
        return;
      }
      await delay(200);
    }
    this.faults.push(
      `not everything was handled in ${PATIENCE_MS} ms after the last fault: ${this.#last}`,
    );
  }

  /** Undefined while the broker is down, or has not found its Redis again. */
  async #look(): Promise<Consumer | undefined> {
    try {
      const consumer = await this.client.consumers.get('torture');
      this.#noteFloor(Buffer.from(consumer.floor, 'base64url').readUIntBE(9, 6));
      this.publishers.lag = Number(consumer.lag);
      this.#last = stateOf(consumer);
      return consumer;
    } catch (error) {
      this.#last = String(error);
      return undefined;
    }
  }

  #noteFloor(offset: number): void {
    // A broker that works on the consumer knows a later floor than the one that is stored.
    if (offset + FLOOR_STEP < this.#highest) {
      this.faults.push(`the floor went from ${this.#highest} to ${offset}`);
    }
    this.#highest = Math.max(this.#highest, offset);
  }
}

function stateOf({ lag, inFlight, heldBack, members, gaps, lostAtMost, paused }: Consumer): string {
  const numbers = `lag ${lag}, in flight ${inFlight}, held back ${heldBack}, members ${members}`;
  return `${numbers}, gaps ${gaps}, lost ${lostAtMost}${paused === '' ? '' : ', paused'}`;
}
