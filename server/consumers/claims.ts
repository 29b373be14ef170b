import type { Claim, ClaimAnswer } from './consumer-store.js';
import type { Answers } from './answers.js';
import type { DeliveredEvent } from './member.js';
import type { AttachedMember } from './members.js';
import type { ConsumerEvent, WorkingConsumer } from './working-consumer.js';

/** Events that are asked for in one claim. */
const CLAIM_SIZE = 512;
/** Bytes of contents from which on those of delivered events are let go. */
const KEPT_CONTENT_BYTES = 16 * 1024 * 1024;
/** Pause before the store is asked again after it had no capacity. */
const FULL_MS = 50;

interface Claimed {
  readonly event: ConsumerEvent;
  readonly to: AttachedMember;
}

/** Claims ready events for members with capacity, and delivers them. One claim at a time. */
export class Claims {
  #claiming: Promise<void> | undefined;
  #isDue = false;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;
  #fullUntil = 0;
  #stopped = false;

  constructor(
    private readonly consumer: WorkingConsumer,
    private readonly answers: Answers,
  ) {}

  /** Claims in the next microtask, so that changes of one task share a claim. */
  soon(): void {
    if (this.#isDue || this.#stopped) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#run().catch((error: unknown) => {
        this.consumer.end(error);
      });
    });
  }

  /** Leases have ended, so the store may have capacity again. */
  freed(): void {
    this.#fullUntil = 0;
    this.soon();
  }

  /** Resolves when the claim under way, if any, has its answers. */
  get underWay(): Promise<void> {
    return this.#claiming?.catch(() => undefined) ?? Promise.resolve();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    while (this.#claiming === undefined && !this.#stopped) {
      this.answers.expire();
      const { snapshot, uptime } = this.consumer;
      if (snapshot.paused !== '' || this.#fullUntil > uptime()) break;
      const claimed = this.#take();
      if (claimed.length === 0) break;
      this.#claiming = this.#claim(claimed);
      try {
        await this.#claiming;
      } finally {
        this.#claiming = undefined;
      }
    }
    this.#plan();
  }

  #take(): Claimed[] {
    const { schedule, members } = this.consumer;
    const claimed: Claimed[] = [];
    while (claimed.length < CLAIM_SIZE && schedule.hasReady) {
      const to = members.takeCredit();
      if (to === undefined) break;
      const event = schedule.takeReady();
      if (event !== undefined) claimed.push({ event, to });
      else to.credit += 1;
    }
    return claimed;
  }

  async #claim(claimed: readonly Claimed[]): Promise<void> {
    const { store, snapshot, uptime } = this.consumer;
    const { name, generation, settings } = snapshot;
    for (const { event } of claimed) {
      if (event.content === undefined) await this.answers.readAgain(event);
    }
    const claims = claimed.map(({ event: { id, key }, to }): Claim => ({
      id,
      key,
      member: to.member.name,
    }));
    const answers = await store.claim(name, generation, claims, settings.ackWaitMs);
    const deadline = uptime() + settings.ackWaitMs;
    const deliveries = new Map<AttachedMember, DeliveredEvent[]>();
    const unsent: ConsumerEvent[] = [];
    claimed.forEach(({ event, to }, at) => {
      const answer = answers[at];
      if (answer?.kind === 'granted') {
        this.#grant(event, answer.attempt, to, deadline, deliveries);
        if (to.isGone && event.state === 'leased') unsent.push(event);
      } else this.#refuse(event, to, answer);
    });
    for (const [to, events] of deliveries) if (!to.isGone) to.member.deliver(events);
    // Otherwise an event whose member has left meanwhile would wait until its lease has run out.
    if (unsent.length > 0) await this.answers.giveBack(unsent);
    this.consumer.readOn();
  }

  #grant(
    event: ConsumerEvent,
    attempt: number,
    to: AttachedMember,
    deadline: number,
    deliveries: Map<AttachedMember, DeliveredEvent[]>,
  ): void {
    const { schedule, snapshot } = this.consumer;
    const { maxDeliveries } = snapshot.settings;
    const { id, content } = event;
    schedule.lease(event, to.member.name, attempt, deadline);
    if (content === undefined) {
      to.credit += 1;
      this.answers.lost(event);
      return;
    }
    if (maxDeliveries > 0 && attempt > maxDeliveries) {
      // Its last member has not answered, and a broker that ended could not park it.
      to.credit += 1;
      this.answers.park(event, 'the lease of its last delivery ran out');
      return;
    }
    const delivery = { id, attempt, content };
    const batch = deliveries.get(to);
    if (batch === undefined) deliveries.set(to, [delivery]);
    else batch.push(delivery);
    if (schedule.contentBytes > KEPT_CONTENT_BYTES && id > 0) schedule.dropContent(event);
  }

  #refuse(event: ConsumerEvent, to: AttachedMember, answer: ClaimAnswer | undefined): void {
    const { schedule, uptime } = this.consumer;
    to.credit += 1;
    if (answer?.kind === 'settled') schedule.settle(event);
    else if (answer?.kind === 'blocked') schedule.block(event, uptime() + answer.ms);
    else {
      schedule.makeReady(event);
      this.#fullUntil = uptime() + FULL_MS;
    }
  }

  /** Sets a timer for the next deadline. */
  #plan(): void {
    if (this.#stopped) return;
    const { schedule, uptime } = this.consumer;
    const now = uptime();
    const full = this.#fullUntil > now ? this.#fullUntil : Infinity;
    const next = Math.min(schedule.nextDeadline, full);
    if (next >= this.#timerAt && this.#timerAt > now) return;
    clearTimeout(this.#timer);
    this.#timerAt = next;
    if (next === Infinity) return;
    this.#timer = setTimeout(
      () => {
        this.#timerAt = Infinity;
        this.soon();
      },
      Math.min(Math.max(1, Math.ceil(next - now)), 60_000),
    );
  }
}
