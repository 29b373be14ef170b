import { wasReset } from './consumer-errors.js';
import {
  CONSUMER_LIMITS,
  type Claim,
  type ClaimAnswer,
  type ConsumerSnapshot,
  type LeaseName,
  type ParkedEvent,
  type Settlement,
  type SettleAnswer,
  type Try,
} from './consumer-store.js';
import type { FactsChange, LastingFacts, TriedEvent } from './facts-change.js';
import { Leases } from './leases.js';
import { ParkedEvents } from './parked-events.js';
import { RestartHold } from './restart-hold.js';
import { FailedTries } from './tries.js';

/** A store's clocks, in ms: one for durations, which never goes back, and the date. */
export interface ConsumerClock {
  readonly uptime: () => number;
  readonly date: () => number;
}

/** Answers to settlements, and the change that makes them lasting. */
export interface Decision {
  readonly answers: readonly SettleAnswer[];
  readonly change: FactsChange;
}

/** A change that is being put together. */
interface Draft {
  readonly settled: number[];
  readonly tries: TriedEvent[];
  readonly parked: ParkedEvent[];
  readonly unparked: number[];
  acknowledged: number;
  failed: number;
}

/**
 * All that is known about one consumer. Does no I/O: a driver stores each change, and applies it
 * when it is durable. Leases change at once, because they need not outlive the process.
 */
export class ConsumerFacts {
  #lasting: LastingFacts;
  readonly parked = new ParkedEvents();
  readonly #settled = new Set<number>();
  readonly #leases = new Leases();
  readonly #tries = new FailedTries();
  readonly #members = new Set<string>();
  #hold = new RestartHold(0, 0, []);
  /** The newest reservation of offsets; `stored` settles with it. */
  reserving: { readonly upTo: number; readonly stored: Promise<unknown> } | undefined;
  /** Number of the next parked event, also of those whose changes are not durable yet. */
  #nextParked: number;

  constructor(
    lasting: LastingFacts,
    private readonly clock: ConsumerClock,
  ) {
    this.#lasting = lasting;
    this.#nextParked = lasting.nextParked;
  }

  get lasting(): LastingFacts {
    return this.#lasting;
  }

  /**
   * Holds back what a process before may have leased, see `RestartHold`.
   *
   * @param last offset of the newest entry when this process started
   */
  beginHold(last: number): void {
    const { reserved, settings } = this.#lasting;
    const until = this.clock.uptime() + settings.ackWaitMs;
    this.#hold = new RestartHold(Math.min(reserved, last), until, this.#members);
  }

  /** Takes a member back, with the events that it says it has. */
  returned(member: string, held: readonly number[]): void {
    this.#hold.returned(member, held);
    this.#leases.keepOnly(member, new Set(held));
  }

  /** Throws ABORTED for a generation that is over. */
  checkGeneration(generation: number): void {
    if (generation === this.#lasting.generation) return;
    throw wasReset(this.#lasting.name);
  }

  claim(claims: readonly Claim[], leaseMs: number): ClaimAnswer[] {
    const now = this.clock.uptime();
    return claims.map((claim) => this.#claim(claim, now, leaseMs));
  }

  #claim({ id, key, member }: Claim, now: number, leaseMs: number): ClaimAnswer {
    if (this.#isSettled(id)) return { kind: 'settled' };
    const ms = Math.max(
      this.#leases.blockedFor(key, now),
      this.#tries.blockedFor(id, now),
      this.#hold.heldFor(id, now),
    );
    if (ms > 0) return { kind: 'blocked', ms };
    if (this.#isFull(now)) return { kind: 'full' };
    const attempt = Math.max(this.#tries.attempts(id), this.#leases.lastAttempt(key, id)) + 1;
    this.#leases.grant({ id, key, member, attempt }, now + leaseMs);
    return { kind: 'granted', attempt };
  }

  #isFull(now: number): boolean {
    const { maxInFlight } = this.#lasting.settings;
    if (this.#settled.size >= CONSUMER_LIMITS.settled) return true;
    return this.#leases.size >= maxInFlight && this.#leases.countLasting(now) >= maxInFlight;
  }

  #isSettled(id: number): boolean {
    if (id < 0) return !this.parked.isReplaying(-id);
    return id <= this.#lasting.floor.offset || this.#settled.has(id);
  }

  extend(leases: readonly LeaseName[], leaseMs: number): boolean[] {
    const now = this.clock.uptime();
    return leases.map((lease) => {
      if (this.#isSettled(lease.id) || !this.#leases.isFreeFor(lease, now)) return false;
      // A failed try that was stored since has ended the lease.
      if (this.#tries.attempts(lease.id) >= lease.attempt) return false;
      this.#leases.grant(lease, now + leaseMs);
      this.#hold.leased(lease.id);
      return true;
    });
  }

  settle(settlements: readonly Settlement[]): Decision {
    const now = this.clock.uptime();
    const space = this.parked.space();
    const draft: Draft = {
      ...{ settled: [], tries: [], parked: [], unparked: [] },
      ...{ acknowledged: 0, failed: 0 },
    };
    const answers = settlements.map((settlement): SettleAnswer => {
      const { id, kind, attempt } = settlement;
      if (this.#isSettled(id)) return 'done';
      if (!this.#leases.isFreeFor(settlement, now)) return 'stale';
      if (kind !== 'ack' && this.#tries.attempts(id) >= attempt) return 'done';
      if (kind === 'park' && id > 0 && !space.take(settlement.event)) return 'full';
      this.#leases.settling(settlement, now + this.#lasting.settings.ackWaitMs);
      this.#decide(settlement, draft);
      return 'done';
    });
    return { answers, change: draft };
  }

  #decide(settlement: Settlement, draft: Draft): void {
    const { id, attempt } = settlement;
    if (settlement.kind === 'ack') {
      draft.acknowledged += 1;
      if (id < 0) draft.unparked.push(-id);
      else draft.settled.push(id);
    } else if (settlement.kind === 'release') {
      const tries = this.#tries.of(id);
      draft.tries.push({ id, attempts: attempt - 1, delayMs: 0, tries });
    } else {
      draft.failed += 1;
      const tries = this.#tries.with(id, this.#tryOf(settlement));
      if (settlement.kind === 'retry') {
        draft.tries.push({ id, attempts: attempt, delayMs: settlement.delayMs, tries });
      } else {
        draft.parked.push(this.#park(settlement, tries));
        if (id > 0) draft.settled.push(id);
      }
    }
  }

  #tryOf({ attempt, member, reason }: LeaseName & { readonly reason: string }): Try {
    return { attempt, member, reason, time: this.clock.date() };
  }

  #park(
    { id, key, reason, event }: Settlement & { kind: 'park' },
    tries: readonly Try[],
  ): ParkedEvent {
    const number = id < 0 ? -id : this.#nextParked++;
    const time = this.clock.date();
    return { ...event, number, key, reason, time, tries, isReplaying: false };
  }

  /** Frees the leases of settlements that are stored. */
  stored(settlements: readonly Settlement[], answers: readonly SettleAnswer[]): void {
    settlements.forEach(({ key, id }, at) => {
      if (answers[at] === 'done') this.#leases.free(key, id);
    });
  }

  /** Keeps the leases of settlements that could not be stored. */
  notStored(settlements: readonly Settlement[]): void {
    for (const { key } of settlements) this.#leases.unsettled(key);
  }

  /** Applies a durable change; one of a generation that is over changes nothing. */
  apply(change: FactsChange): void {
    const { generation } = change;
    if (generation !== undefined && generation !== this.#lasting.generation) return;
    const { lasting, settled = [], tries = [], parked = [], leases = [] } = change;
    const now = this.clock.uptime();
    if (lasting !== undefined) this.#lasting = lasting;
    if (change.reset !== undefined) this.#reset();
    for (const member of change.joined ?? []) this.#members.add(member);
    for (const member of change.left ?? []) this.#members.delete(member);
    for (const id of settled) {
      this.#settled.add(id);
      this.#tries.forget(id);
    }
    for (const tried of tries) this.#tries.put(tried, now);
    for (const event of parked) {
      this.parked.put(event);
      this.#tries.forget(-event.number);
    }
    for (const number of change.unparked ?? []) {
      this.parked.remove(number);
      this.#tries.forget(-number);
    }
    for (const number of change.replayed ?? []) this.parked.replay(number);
    for (const lease of leases) this.#leases.grant(lease, now + lease.leftMs);
    this.#count(change);
    if (change.floor !== undefined) this.#raiseFloor(change.floor);
  }

  #reset(): void {
    this.reserving = undefined;
    this.#settled.clear();
    this.#leases.clear();
    this.#tries.forgetUpTo(Infinity);
    this.#hold = new RestartHold(0, 0, []);
  }

  #count(change: FactsChange): void {
    const { parked = [], gap, reserved, acknowledged = 0, failed = 0, reset } = change;
    const before = this.#lasting;
    this.#lasting = {
      ...before,
      ...reset,
      settings: change.settings ?? before.settings,
      paused: change.paused ?? before.paused,
      nextParked: Math.max(before.nextParked, ...parked.map(({ number }) => number + 1)),
      reserved: reset === undefined ? (reserved ?? before.reserved) : 0,
      acknowledged: before.acknowledged + acknowledged,
      failedTries: before.failedTries + failed,
      gaps: before.gaps + (gap === undefined ? 0 : 1),
      lostAtMost: before.lostAtMost + (gap?.lostAtMost ?? 0),
      ...(gap !== undefined && { lastGap: gap }),
    };
    this.#nextParked = Math.max(this.#nextParked, this.#lasting.nextParked);
  }

  #raiseFloor(floor: LastingFacts['floor']): void {
    const { epoch, offset } = this.#lasting.floor;
    if (floor.epoch !== epoch || floor.offset <= offset) return;
    this.#lasting = { ...this.#lasting, floor };
    for (const id of this.#settled) if (id <= floor.offset) this.#settled.delete(id);
    if (this.#tries.size > 0) this.#tries.forgetUpTo(floor.offset);
  }

  snapshot(): ConsumerSnapshot {
    const { name, owner, settings, floor, createdAt, generation, paused, ...rest } = this.#lasting;
    const { acknowledged, failedTries, gaps, lostAtMost, lastGap } = rest;
    const { size: parked, bytes: parkedBytes, replaying } = this.parked;
    return {
      ...{ name, owner, settings, floor, createdAt, generation, paused, lastGap },
      replaying: replaying.map(({ number, key }) => ({ number, key })),
      settled: [...this.#settled],
      inFlight: this.#leases.countLasting(this.clock.uptime()),
      counts: { acknowledged, failedTries, gaps, lostAtMost, parked, parkedBytes },
    };
  }

  /** Changes that make the same facts again, without the leases. */
  *compacted(): Generator<FactsChange> {
    yield { lasting: this.#lasting };
    yield { settled: [...this.#settled], tries: this.#tries.all(), joined: [...this.#members] };
    for (const event of this.parked.after(0, Infinity)) yield { parked: [event] };
  }

  /** Changes after which nothing is reserved but the leases that last. */
  *released(): Generator<FactsChange> {
    yield* this.compacted();
    yield { reserved: 0, leases: this.#leases.kept(this.clock.uptime()) };
  }
}
