import { FoghornError } from '../../protocol/errors.js';
import type {
  Claim,
  ClaimAnswer,
  ConsumerChanges,
  ConsumerHold,
  ConsumerSnapshot,
  ConsumerStore,
  Floor,
  LeaseName,
  NewConsumer,
  ParkedEvent,
  RecordedGap,
  Settlement,
  SettleAnswer,
} from './consumer-store.js';
import { exists, notFound } from './consumer-errors.js';
import { ConsumerFacts, type ConsumerClock } from './facts.js';
import type { FactsChange } from './facts-change.js';
import type { LeaseLog } from './lease-log.js';

/** One change of one consumer; without a change, its removal. */
export interface LoggedChange {
  readonly name: string;
  readonly change?: FactsChange;
}

/** Keeps the changes of a store's consumers. */
export interface ChangeLog {
  /** Stores a change, then calls back at once, in the order of the calls. */
  append(change: LoggedChange, apply: () => void): Promise<void>;
  /** Resolves with whether the leases that last are in the log. */
  close(): Promise<boolean>;
}

/** Offsets that are reserved at once. */
const RESERVED_AHEAD = 1024;

/** Consumers whose facts are in the memory of this process alone. */
export class LocalConsumerStore implements ConsumerStore {
  #isClosed = false;

  /** @param consumers the consumers that the log has, by their names */
  constructor(
    private readonly consumers: Map<string, ConsumerFacts>,
    private readonly log: ChangeLog,
    private readonly clock: ConsumerClock,
    private readonly leaseLog?: LeaseLog,
  ) {}

  // eslint-disable-next-line @typescript-eslint/require-await -- throws when it is closed
  async list(): Promise<readonly ConsumerSnapshot[]> {
    this.#checkOpen();
    return [...this.consumers.values()].map((facts) => facts.snapshot());
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- throws when it is closed
  async get(name: string): Promise<ConsumerSnapshot | undefined> {
    this.#checkOpen();
    return this.consumers.get(name)?.snapshot();
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- throws when it is closed
  async holds(): Promise<readonly ConsumerHold[]> {
    this.#checkOpen();
    const held: ConsumerHold[] = [];
    for (const { lasting } of this.consumers.values()) {
      const { name, settings, floor } = lasting;
      const { holdBytes: bytes } = settings;
      if (bytes !== undefined) held.push({ name, bytes, floor });
    }
    return held;
  }

  async create({ name, owner, settings, floor }: NewConsumer): Promise<ConsumerSnapshot> {
    this.#checkOpen();
    if (this.consumers.has(name)) throw exists(name);
    const createdAt = this.clock.date();
    const lasting = {
      ...{ name, owner, createdAt, generation: createdAt, settings, paused: '', floor },
      ...{ acknowledged: 0, failedTries: 0, gaps: 0, lostAtMost: 0, nextParked: 1, reserved: 0 },
    };
    const facts = new ConsumerFacts(lasting, this.clock);
    this.consumers.set(name, facts);
    try {
      await this.log.append({ name, change: { lasting } }, () => undefined);
    } catch (error) {
      this.consumers.delete(name);
      throw error;
    }
    return facts.snapshot();
  }

  async update(name: string, { settings, paused }: ConsumerChanges): Promise<ConsumerSnapshot> {
    return this.#change(name, {
      ...(settings !== undefined && { settings }),
      ...(paused !== undefined && { paused }),
    });
  }

  async reset(name: string, floor: Floor, gap?: RecordedGap): Promise<ConsumerSnapshot> {
    const { generation } = this.#facts(name).lasting;
    const reset = { generation: Math.max(generation + 1, this.clock.date()), floor };
    return this.#change(name, { reset, ...(gap !== undefined && { gap }) });
  }

  async recordGap(
    name: string,
    generation: number,
    gap: RecordedGap,
    floor?: Floor,
  ): Promise<void> {
    const facts = this.#facts(name, generation);
    await this.#change(name, { generation, gap, ...(floor !== undefined && { floor }) });
    facts.checkGeneration(generation);
  }

  async remove(name: string): Promise<void> {
    this.#facts(name);
    await this.log.append({ name }, () => this.consumers.delete(name));
  }

  async attach(
    name: string,
    generation: number,
    member: string,
    held: readonly number[],
  ): Promise<void> {
    const facts = this.#facts(name, generation);
    const freed = facts.returned(member, held);
    if (freed.length > 0) this.leaseLog?.freed(name, generation, freed);
    const left = facts.members.forgetGone(this.clock.uptime(), member);
    await this.#change(name, { joined: [member], left });
  }

  async detach(name: string, member: string): Promise<void> {
    await this.#change(name, { left: [member] });
  }

  async claim(
    name: string,
    generation: number,
    claims: readonly Claim[],
    leaseMs: number,
  ): Promise<readonly ClaimAnswer[]> {
    const facts = this.#facts(name, generation);
    const last = claims.reduce((most, { id }) => Math.max(most, id), 0);
    await this.#reserve(name, facts, last);
    const joined = facts.members.forgotten(claims);
    if (joined.length > 0) await this.#change(name, { joined });
    facts.checkGeneration(generation);
    // A lease that is granted after the files are closed would be in neither.
    this.#checkOpen();
    const { answers, leases, until } = facts.claim(claims, leaseMs);
    if (leases.length > 0) await this.leaseLog?.granted(name, generation, leases, until);
    return answers;
  }

  /** Reserves offsets half a step ahead, so that few claims wait for the log. */
  async #reserve(name: string, facts: ConsumerFacts, last: number): Promise<void> {
    const { reserved } = facts.lasting;
    if (last + RESERVED_AHEAD / 2 > Math.max(reserved, facts.reserving?.upTo ?? 0)) {
      const upTo = last + RESERVED_AHEAD;
      const stored = this.#change(name, { reserved: upTo });
      facts.reserving = { upTo, stored };
      // A claim that needs it reports the error; the next one tries again.
      stored.catch(() => (facts.reserving = undefined));
    }
    if (last > reserved) await facts.reserving?.stored;
  }

  async extend(
    name: string,
    generation: number,
    leases: readonly LeaseName[],
    leaseMs: number,
  ): Promise<readonly boolean[]> {
    const facts = this.#facts(name, generation);
    const joined = facts.members.forgotten(leases);
    if (joined.length > 0) {
      await this.#change(name, { joined });
      facts.checkGeneration(generation);
      this.#checkOpen();
    }
    const { lasting, until } = facts.extend(leases, leaseMs);
    const extended = leases.filter((_, at) => lasting[at]);
    if (extended.length > 0) await this.leaseLog?.granted(name, generation, extended, until);
    return lasting;
  }

  async settle(
    name: string,
    generation: number,
    settlements: readonly Settlement[],
    floor?: Floor,
  ): Promise<readonly SettleAnswer[]> {
    const facts = this.#facts(name, generation);
    const { answers, change } = facts.settle(settlements);
    const complete = { generation, ...change, ...(floor !== undefined && { floor }) };
    try {
      await this.log.append({ name, change: complete }, () => {
        if (facts.lasting.generation === generation) {
          const released = facts.stored(settlements, answers);
          if (released.length > 0) this.leaseLog?.freed(name, generation, released);
        }
        facts.apply(complete);
      });
    } catch (error) {
      facts.notStored(settlements);
      throw error;
    }
    // A reset may have been stored before it.
    facts.checkGeneration(generation);
    return answers;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- throws when it is closed
  async parked(name: string, after: number, limit: number): Promise<readonly ParkedEvent[]> {
    return this.#facts(name).parked.after(after, limit);
  }

  async replay(name: string, numbers: readonly number[] | undefined): Promise<number> {
    const replayed = this.#facts(name).parked.numbers(numbers);
    if (replayed.length > 0) await this.#change(name, { replayed });
    return replayed.length;
  }

  async discard(name: string, numbers: readonly number[] | undefined): Promise<number> {
    const unparked = this.#facts(name).parked.numbers(numbers);
    if (unparked.length > 0) await this.#change(name, { unparked });
    return unparked.length;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const hasLeases = await this.log.close();
    await this.leaseLog?.close(hasLeases);
  }

  async #change(name: string, change: FactsChange): Promise<ConsumerSnapshot> {
    const facts = this.#facts(name);
    await this.log.append({ name, change }, () => {
      facts.apply(change);
    });
    return facts.snapshot();
  }

  /** Throws NOT_FOUND, and ABORTED for a generation that is over. */
  #facts(name: string, generation?: number): ConsumerFacts {
    this.#checkOpen();
    const facts = this.consumers.get(name);
    if (facts === undefined) throw notFound(name);
    if (generation !== undefined) facts.checkGeneration(generation);
    return facts;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new FoghornError('UNAVAILABLE', 'the store is closed');
  }
}
