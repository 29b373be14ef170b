import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.js';
import { askWait, WAYS, type AskedWait, type Way } from './asked-wait.js';
import type { Daemons } from './daemons.js';
import { drawFaults, type Fault } from './fault-plan.js';
import { drawLife, type Life } from './life.js';
import type { Living } from './live.js';
import { uptimeNow } from './truth.js';

const LIVES = 5;
const WAITS_OF_A_LIFE = 3;
const OLD_WAITS = 2;

/** Time for an answer once the container has ended and all processes are back, seconds. */
export const HANGING_SECONDS = 90;

/** The Docker API serves the engine's containers alone. */
const ENGINE_WAYS = WAYS.filter((way) => way !== 'dockerode run');

/** The containers, waits and faults of a round. */
export interface RoundRecord {
  readonly lives: readonly Life[];
  readonly waits: readonly AskedWait[];
  readonly faults: readonly Fault[];
  /** When shims had been killed, seconds since the boot. */
  readonly shimsKilledAt: readonly number[];
}

/** One round: containers live while processes are killed, and are waited for at random times. */
export class Round {
  readonly #lives: Life[];
  readonly #faults: Fault[];
  readonly #waits: AskedWait[] = [];
  readonly #shimsKilledAt: number[] = [];

  /**
   * @param name begins the names of its containers
   * @param earlier lives of earlier rounds, which are waited for once more
   */
  constructor(
    private readonly daemons: Daemons,
    private readonly living: Living,
    private readonly random: Random,
    name: string,
    private readonly earlier: readonly Life[],
  ) {
    this.#lives = Array.from({ length: LIVES }, (_, n) => drawLife(random, `${name}-${n}`));
    this.#faults = drawFaults(random);
  }

  async play(): Promise<RoundRecord> {
    const { random, earlier, living } = this;
    const ended = this.#lives.map((life) =>
      living.live(life, (wait) => this.#waits.push(wait)).catch(() => undefined),
    );
    const asked = this.#lives.flatMap((life) =>
      Array.from({ length: WAITS_OF_A_LIFE }, () =>
        this.#ask(life, this.#drawWay(life), random.between(0, 50) / 10),
      ),
    );
    const known = earlier.filter(({ starts }) => starts.length > 0);
    for (let n = 0; n < OLD_WAITS && known.length > 0; n++) {
      const life = random.pick(known);
      const way = this.#drawWay(life);
      // No exit comes next.
      if (way !== 'next-exit') asked.push(this.#ask(life, way, random.between(0, 50) / 10));
    }
    for (const fault of this.#faults) await this.#inject(fault);
    await Promise.all([...ended, ...asked]);
    await this.#untilAnswered();
    const record = { lives: this.#lives, waits: this.#waits, faults: this.#faults };
    return { ...record, shimsKilledAt: this.#shimsKilledAt };
  }

  #drawWay({ kind }: Life): Way {
    return kind === 'ctr' ? 'gRPC' : this.random.pick(ENGINE_WAYS);
  }

  /** @param after seconds from now, or from when the container is created */
  async #ask(life: Life, way: Way, after: number): Promise<void> {
    await delay(after * 1000);
    while (life.id === undefined && !life.isOver) await delay(20);
    if (life.id !== undefined) this.#waits.push(askWait(this.daemons, life, way));
  }

  async #inject({ targets, after, downFor, isBrokerFirst }: Fault): Promise<void> {
    await delay(after * 1000);
    await this.daemons.kill(targets);
    // Under load the kill takes a while, and a run may begin meanwhile.
    if (targets.includes('shims')) this.#shimsKilledAt.push(uptimeNow());
    await delay(downFor * 1000);
    await this.daemons.startAgain(targets, isBrokerFirst);
  }

  /** Removes the containers when those that run have ended, which answers all that is left. */
  async #untilAnswered(): Promise<void> {
    const neverRan = ({ life }: AskedWait): boolean => life.starts.length === 0;
    const isExpected = (wait: AskedWait): boolean => wait.way !== 'next-exit' && !neverRan(wait);
    await this.#within(this.#waits.filter(isExpected));
    for (const wait of this.#waits) wait.isLate = wait.answer === undefined && isExpected(wait);
    for (const life of this.#lives) await this.living.remove(life);
    await this.#within(this.#waits);
    for (const wait of this.#waits) if (wait.answer === undefined) wait.cancel();
  }

  async #within(waits: readonly AskedWait[]): Promise<void> {
    const leaving = new AbortController();
    const answered = Promise.all(waits.map(({ over }) => over));
    const tooLong = delay(HANGING_SECONDS * 1000, undefined, { signal: leaving.signal });
    await Promise.race([answered, tooLong]).finally(() => {
      leaving.abort();
    });
    await tooLong.catch(() => undefined);
  }
}
