import { wasReset } from './consumer-errors.js';
import {
  CONSUMER_LIMITS,
  type Claim,
  type ClaimAnswer,
  type ConsumerSnapshot,
  type HeldBack,
  type LeaseName,
  type Settlement,
  type SettleAnswer,
} from './consumer-store.js';
import { changed, type FactsChange, type LastingFacts } from './facts-change.js';
import { KnownMembers } from './known-members.js';
import { grantedLine, leasesIn, type LeaseLine } from './lease-log.js';
import { Leases } from './leases.js';
import { ParkedEvents } from './parked-events.js';
import { RestartHold } from './restart-hold.js';
import { SettlementDraft } from './settlement-draft.js';
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

/** Answers to claims, and the leases that were granted. */
export interface GrantedClaims {
  readonly answers: readonly ClaimAnswer[];
  readonly leases: readonly LeaseName[];
  readonly until: number;
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
  readonly members = new KnownMembers();
  #hold = new RestartHold(0, 0, []);
  /** Spares the look-up of a member for each of its leases. */
  #lastLease = { member: '', until: 0 };
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
   * Holds back all that may have been leased before a power cut, see `RestartHold`.
   *
   * @param last offset of the newest entry when this process started
   */
  beginHold(last: number): void {
    const { reserved, settings } = this.#lasting;
    const until = this.clock.uptime() + settings.ackWaitMs;
    this.#hold = new RestartHold(Math.min(reserved, last), until, this.members.names());
  }

  /** Takes over leases, or their end, from a process that was killed. */
  restore(line: LeaseLine): void {
    const { until = 0, freed = [], hold } = line;
    // No lease may last longer than it could have, whatever the clock was.
    const latest = this.clock.uptime() + this.#lasting.settings.ackWaitMs;
    if (hold !== undefined) {
      this.#hold = new RestartHold(hold.upTo, Math.min(hold.until, latest), hold.members);
    }
    for (const lease of leasesIn(line)) this.#leases.restore(lease, Math.min(until, latest));
    for (const [id, key] of freed) this.#leases.free(key, id);
  }

  /** Ends restored leases of events that were answered. */
  endRestored(): void {
    this.#leases.drop(
      ({ id, attempt }) => this.#isSettled(id) || this.#tries.attempts(id) >= attempt,
    );
  }

  /** Takes a member back, with the events that it says it has; returns its other leases. */
  returned(member: string, held: readonly number[]): LeaseName[] {
    this.#hold.returned(member, held);
    return this.#leases.keepOnly(member, new Set(held));
  }

  /** Throws ABORTED for a generation that is over. */
  checkGeneration(generation: number): void {
    if (generation === this.#lasting.generation) return;
    throw wasReset(this.#lasting.name);
  }

  claim(claims: readonly Claim[], leaseMs: number): GrantedClaims {
    const now = this.clock.uptime();
    const until = now + leaseMs;
    const leases: LeaseName[] = [];
    const answers = claims.map((claim) => this.#claim(claim, now, until, leases));
    return { answers, leases, until };
  }

  #claim({ id, key, member }: Claim, now: number, until: number, leases: LeaseName[]): ClaimAnswer {
    if (this.#isSettled(id)) return { kind: 'settled' };
    const ms = Math.max(
      this.#leases.blockedFor(key, now),
      this.#tries.blockedFor(id, now),
      this.#hold.heldFor(id, now),
    );
    if (ms > 0) return { kind: 'blocked', ms };
    if (this.#isFull(now)) return { kind: 'full' };
    const attempt = Math.max(this.#tries.attempts(id), this.#leases.lastAttempt(key, id)) + 1;
    leases.push(this.#leases.grant({ id, key, member, attempt }, until));
    this.#noteLease(member, until);
    return { kind: 'granted', attempt };
  }

  #noteLease(member: string, until: number): void {
    const { member: name, until: time } = this.#lastLease;
    if (name === member && time === until) return;
    this.#lastLease = { member, until };
    this.members.add(member, until);
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

  extend(leases: readonly LeaseName[], leaseMs: number): { lasting: boolean[]; until: number } {
    const now = this.clock.uptime();
    const until = now + leaseMs;
    const lasting = leases.map((lease) => {
      if (this.#isSettled(lease.id) || !this.#leases.isFreeFor(lease, now)) return false;
      // A failed try that was stored since has ended the lease.
      if (this.#tries.attempts(lease.id) >= lease.attempt) return false;
      this.#leases.grant(lease, until);
      this.#noteLease(lease.member, until);
      this.#hold.leased(lease.id);
      return true;
    });
    return { lasting, until };
  }

  settle(settlements: readonly Settlement[]): Decision {
    const now = this.clock.uptime();
    const space = this.parked.space();
    const draft = new SettlementDraft({
      tries: this.#tries,
      date: this.clock.date,
      nextParked: () => this.#nextParked++,
    });
    const answers = settlements.map((settlement): SettleAnswer => {
      const { id, kind, attempt } = settlement;
      if (this.#isSettled(id)) return 'done';
      if (!this.#leases.isFreeFor(settlement, now)) return 'stale';
      if (kind !== 'ack' && this.#tries.attempts(id) >= attempt) return 'done';
      if (kind === 'park' && id > 0 && !space.take(settlement.event)) return 'full';
      this.#leases.settling(settlement, now + this.#lasting.settings.ackWaitMs);
      draft.add(settlement);
      return 'done';
    });
    return { answers, change: draft };
  }

  /** Frees the leases of settlements that are stored; returns those that were given back. */
  stored(settlements: readonly Settlement[], answers: readonly SettleAnswer[]): LeaseName[] {
    const released: LeaseName[] = [];
    settlements.forEach((settlement, at) => {
      if (answers[at] !== 'done') return;
      this.#leases.free(settlement.key, settlement.id);
      if (settlement.kind === 'release') released.push(settlement);
    });
    return released;
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
    for (const member of change.joined ?? []) {
      this.members.add(member, now + this.#lasting.settings.ackWaitMs);
    }
    for (const member of change.left ?? []) this.members.delete(member);
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
    for (const lease of leases) this.#leases.restore(lease, now + lease.leftMs);
    this.#lasting = changed(this.#lasting, change);
    this.#nextParked = Math.max(this.#nextParked, this.#lasting.nextParked);
    if (change.floor !== undefined) this.#raiseFloor(change.floor);
  }

  #reset(): void {
    this.reserving = undefined;
    this.#settled.clear();
    this.#leases.clear();
    this.#tries.forgetUpTo(Infinity);
    this.#hold = new RestartHold(0, 0, []);
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
    const now = this.clock.uptime();
    return {
      ...{ name, owner, settings, floor, createdAt, generation, paused, lastGap },
      replaying: replaying.map(({ number, key }) => ({ number, key })),
      settled: [...this.#settled],
      inFlight: this.#leases.countLasting(now),
      heldBack: this.#heldBack(now),
      counts: { acknowledged, failedTries, gaps, lostAtMost, parked, parkedBytes },
    };
  }

  #heldBack(now: number): HeldBack | undefined {
    const { floor } = this.#lasting;
    if (this.#hold.isOver(now)) return this.#leases.restored(now);
    return this.#hold.heldAbove(floor.offset, this.#settled, now);
  }

  /** Changes that make the same facts again, without the leases. */
  *compacted(): Generator<FactsChange> {
    yield { lasting: this.#lasting };
    yield { settled: [...this.#settled], tries: this.#tries.all(), joined: this.members.names() };
    for (const event of this.parked.after(0, Infinity)) yield { parked: [event] };
  }

  /** Lines for the process after this one, if this one is killed now. */
  *unanswered(): Generator<LeaseLine> {
    const { name, generation } = this.#lasting;
    const now = this.clock.uptime();
    const hold = this.#hold.kept(now);
    if (hold !== undefined) yield { name, generation, hold };
    for (const leases of this.#leases.byDeadline()) {
      const [{ until } = { until: 0 }] = leases;
      yield grantedLine(name, generation, leases, until);
    }
  }

  /** Changes after which nothing is reserved but the leases that last. */
  *released(): Generator<FactsChange> {
    yield* this.compacted();
    yield { reserved: 0, leases: this.#leases.kept(this.clock.uptime()) };
  }
}
