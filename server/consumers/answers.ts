import { quotedExcerpt } from '../../protocol/excerpt.js';
import type { LeaseName, SettleAnswer, Settlement } from './consumer-store.js';
import type { MemberAnswer, DeliveryId } from './member.js';
import type { AttachedMember } from './members.js';
import type { ConsumerEvent, WorkingConsumer } from './working-consumer.js';

/** Longest reason that is kept, in UTF-16 units. */
const MAX_REASON = 1000;
/** How long an event rests that another broker's member has, if the store says no more. */
const STALE_MS = 50;

/** A settlement under way. */
interface Pending {
  readonly event: ConsumerEvent;
  readonly settlement: Settlement;
}

/** Stores the answers of members, and what follows when they do not answer. */
export class Answers {
  #queue: Pending[] = [];
  /** Deliveries that members hold since before this consumer has read their events. */
  readonly #held = new Map<number, { readonly member: string; readonly attempt: number }>();
  /** Those whose leases are being renewed. */
  readonly #adopting = new Set<ConsumerEvent>();
  /** Answers to both. */
  readonly #early = new Map<number, MemberAnswer>();

  constructor(private readonly consumer: WorkingConsumer) {}

  /** Lets a member go on with deliveries of a connection before. */
  hold(member: string, held: readonly DeliveryId[]): void {
    for (const { id, attempt } of held) this.#held.set(id, { member, attempt });
    this.adoptHeld();
  }

  /** Renews the leases of held deliveries whose events were read. */
  adoptHeld(): void {
    if (this.#held.size === 0) return;
    const { schedule, consideredOffset } = this.consumer;
    const adopted: ConsumerEvent[] = [];
    for (const [id, { member, attempt }] of this.#held) {
      const event = schedule.find(id);
      if (event === undefined) {
        if (id < 0 || id <= consideredOffset) this.#notHeld(id, true);
      } else if (isLeasedToAnother(event, member, attempt)) {
        this.#notHeld(id, false);
      } else if (event.state !== 'waiting' && event.state !== 'storing') {
        event.state = 'storing';
        event.member = member;
        event.attempt = attempt;
        this.#held.delete(id);
        this.#adopting.add(event);
        adopted.push(event);
      }
    }
    if (adopted.length > 0) void this.#extend(adopted).catch(this.#fail);
  }

  /**
   * Ends a held delivery.
   *
   * @param isSettled whether its event is settled or is none; otherwise another member has it
   */
  #notHeld(id: number, isSettled: boolean): void {
    const { member = '', attempt = 0 } = this.#held.get(id) ?? {};
    const early = this.#early.get(id);
    this.#held.delete(id);
    this.#early.delete(id);
    const name = [{ id, attempt }];
    const isStored = isSettled && early?.kind === 'ack';
    this.consumer.members.find(member)?.member.answered(isStored ? name : [], isStored ? [] : name);
  }

  add({ member }: AttachedMember, answers: readonly MemberAnswer[]): void {
    const { schedule } = this.consumer;
    const extended: ConsumerEvent[] = [];
    for (const answer of answers) {
      const { id, attempt } = answer;
      const event = schedule.find(id);
      if (this.#isEarly(id, event, member.name)) {
        this.#early.set(id, answer);
      } else if (event === undefined) {
        // Settled before: an acknowledgement is repeated after its answer was lost.
        const isSettled = id < 0 || id <= this.consumer.consideredOffset;
        const isStored = isSettled && answer.kind === 'ack';
        member.answered(isStored ? [answer] : [], isStored ? [] : [answer]);
      } else if (event.member !== member.name || event.attempt !== attempt) {
        member.answered([], [answer]);
      } else if (answer.kind === 'in progress') {
        if (event.state === 'leased') extended.push(event);
      } else if (event.state === 'leased' || (event.state !== 'storing' && answer.kind === 'ack')) {
        this.#settle(event, this.#settlementOf(event, answer));
      } else if (event.state !== 'storing') member.answered([], [answer]);
    }
    if (extended.length > 0) void this.#extend(extended).catch(this.#fail);
  }

  /** Whether an answer came before the member's lease of the event is renewed. */
  #isEarly(id: number, event: ConsumerEvent | undefined, member: string): boolean {
    if (this.#held.get(id)?.member === member) return true;
    return event?.member === member && this.#adopting.has(event);
  }

  #settlementOf(
    event: ConsumerEvent,
    answer: Exclude<MemberAnswer, { kind: 'in progress' }>,
  ): Settlement {
    const { id, key, member, attempt } = event;
    if (answer.kind === 'ack') return { id, key, member, attempt, kind: 'ack' };
    const { reason: text, delayMs, isFinal } = answer;
    const reason = text.slice(0, MAX_REASON);
    const { maxDeliveries } = this.consumer.snapshot.settings;
    const isLast = maxDeliveries > 0 && event.attempt >= maxDeliveries;
    if (isFinal || isLast) return parking(event, reason);
    return {
      ...leaseOf(event),
      kind: 'retry',
      delayMs: delayMs ?? this.#backoff(event),
      reason,
    };
  }

  #backoff({ attempt }: ConsumerEvent): number {
    const { backoffMs } = this.consumer.snapshot.settings;
    return backoffMs[Math.min(attempt, backoffMs.length) - 1] ?? 0;
  }

  /** Ends the leases that have run out. */
  expire(): void {
    const { schedule, uptime, snapshot } = this.consumer;
    const { maxDeliveries } = snapshot.settings;
    for (const event of schedule.due(uptime())) {
      this.consumer.members.find(event.member)?.member.answered([], [event]);
      const reason = 'the lease ran out';
      if (maxDeliveries > 0 && event.attempt >= maxDeliveries) this.park(event, reason);
      else this.#settle(event, { ...leaseOf(event), kind: 'retry', delayMs: 0, reason });
    }
  }

  park(event: ConsumerEvent, reason: string): void {
    this.#settle(event, parking(event, reason));
  }

  /** Settles an event that the history does not have any more. */
  lost(event: ConsumerEvent): void {
    const { snapshot, store, warn } = this.consumer;
    const { name, generation } = snapshot;
    const gap = { reason: 'trimmed', from: '', to: '', lostAtMost: 1, time: Date.now() };
    warn(`consumer ${name}: retention removed event ${event.id} before it was acknowledged`);
    this.#settle(event, { ...leaseOf(event), kind: 'ack' });
    store.recordGap(name, generation, gap).catch(this.#fail);
  }

  /** Reads the content of an event that was let go; leaves it undefined if it is gone. */
  async readAgain(event: ConsumerEvent): Promise<void> {
    const content = await this.consumer.broker.entryAt(this.consumer.caller, event.id);
    if (content !== undefined) this.consumer.schedule.restoreContent(event, content);
  }

  /** Gives back all that a member has, as deliveries that it never saw. */
  async release(member: string): Promise<void> {
    // Answers that came before are stored first, so that their member still learns of it.
    await new Promise(setImmediate);
    const held: ConsumerEvent[] = [];
    for (const event of this.consumer.schedule.events()) {
      if (event.state === 'leased' && event.member === member) held.push(event);
    }
    await this.giveBack(held);
  }

  /** Ends leases as if their members had never got the events. */
  async giveBack(events: readonly ConsumerEvent[]): Promise<void> {
    const pending = events.map((event): Pending => {
      event.state = 'storing';
      return { event, settlement: { ...leaseOf(event), kind: 'release' } };
    });
    await this.#store(pending);
  }

  async #extend(events: readonly ConsumerEvent[]): Promise<void> {
    const { store, snapshot, schedule, uptime, members } = this.consumer;
    const { name, generation, settings } = snapshot;
    const names = events.map(leaseOf);
    const lasting = await store.extend(name, generation, names, settings.ackWaitMs);
    const deadline = uptime() + settings.ackWaitMs;
    events.forEach((event, at) => {
      const isAdopted = this.#adopting.delete(event);
      const early = this.#early.get(event.id);
      this.#early.delete(event.id);
      // Its answer came while the lease was renewed.
      if (!isAdopted && event.state !== 'leased') return;
      const member = members.find(event.member);
      if (lasting[at] !== true) {
        member?.member.answered([], [event]);
        schedule.block(event, uptime() + STALE_MS);
      } else {
        if (isAdopted) schedule.lease(event, event.member, event.attempt, deadline);
        else schedule.extend(event, deadline);
        if (early !== undefined && member !== undefined) this.add(member, [early]);
      }
    });
    this.consumer.changed();
  }

  /** Stores a settlement with all others of this iteration of the event loop. */
  #settle(event: ConsumerEvent, settlement: Settlement): void {
    event.state = 'storing';
    this.#queue.push({ event, settlement });
    if (this.#queue.length > 1) return;
    setImmediate(() => {
      this.#store(this.#queue.splice(0)).catch(this.#fail);
    });
  }

  async #store(pending: readonly Pending[]): Promise<void> {
    const { store, snapshot, consumer } = { ...this.consumer, consumer: this.consumer };
    const { name, generation } = snapshot;
    for (const { event, settlement } of pending) {
      if (settlement.kind === 'park') await this.#fillIn(event, settlement);
    }
    const settlements = pending.map(({ settlement }) => settlement);
    const floor = consumer.floorToStore();
    const answers = await store.settle(name, generation, settlements, floor);
    const stored = new Map<
      string,
      { readonly stored: DeliveryId[]; readonly lost: DeliveryId[] }
    >();
    pending.forEach(({ event, settlement }, at) => {
      const answer = answers[at] ?? 'stale';
      let lists = stored.get(settlement.member);
      if (lists === undefined) stored.set(settlement.member, (lists = { stored: [], lost: [] }));
      // A member may have sent an answer, too late, for a delivery that is given back.
      const isStored = answer !== 'stale' && settlement.kind !== 'release';
      lists[isStored ? 'stored' : 'lost'].push(settlement);
      this.#settled(event, settlement, answer);
    });
    for (const [member, lists] of stored) {
      consumer.members.find(member)?.member.answered(lists.stored, lists.lost);
    }
    consumer.changed();
  }

  /** Gives a settlement the envelope of an event whose content was let go. */
  async #fillIn(event: ConsumerEvent, settlement: Settlement & { kind: 'park' }): Promise<void> {
    if (event.content === undefined) await this.readAgain(event);
    const { cursor = '', envelope = new Uint8Array() } = event.content ?? {};
    Object.assign(settlement, { event: { cursor, envelope } });
  }

  #settled(event: ConsumerEvent, settlement: Settlement, answer: SettleAnswer): void {
    const { schedule, uptime, warn, snapshot } = this.consumer;
    if (answer === 'stale') schedule.block(event, uptime() + STALE_MS);
    else if (answer === 'full') {
      warn(`consumer ${quotedExcerpt(snapshot.name)}: there is no space for more parked events`);
      const delayMs = Math.max(1000, snapshot.settings.backoffMs.at(-1) ?? 0);
      const reason = 'there is no space for more parked events';
      this.#settle(event, { ...leaseOf(event), kind: 'retry', delayMs, reason });
    } else if (settlement.kind === 'retry') schedule.block(event, uptime() + settlement.delayMs);
    else if (settlement.kind === 'release') schedule.makeReady(event);
    else schedule.settle(event);
  }

  readonly #fail = (error: unknown): void => {
    this.consumer.end(error);
  };
}

/** Whether another member got the event after the delivery of this attempt. */
function isLeasedToAnother(event: ConsumerEvent, member: string, attempt: number): boolean {
  return event.state === 'leased' && event.member !== member && event.attempt >= attempt;
}

function leaseOf({ id, key, member, attempt }: ConsumerEvent): LeaseName {
  return { id, key, member, attempt };
}

/** A settlement that parks an event; its envelope is filled in before it is stored. */
function parking(event: ConsumerEvent, reason: string): Settlement {
  const nothing = { cursor: '', envelope: new Uint8Array() };
  return { ...leaseOf(event), kind: 'park', reason, event: nothing };
}
