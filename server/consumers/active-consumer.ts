import type { Caller } from '../access/caller.js';
import type { Broker } from '../broker/broker.js';
import type { Gap } from '../broker/subscription-message.js';
import { parseCursor } from '../events/cursor.js';
import type { EventView } from '../events/event-view.js';
import type { FilterSet } from '../filter/index.js';
import { Answers } from './answers.js';
import { Claims } from './claims.js';
import { startsAgain } from './consumer-errors.js';
import type { ConsumerSnapshot, ConsumerStore, Floor } from './consumer-store.js';
import { Feed, type FeedListener } from './feed.js';
import type { MemberAnswer, DeliveryId, Member } from './member.js';
import { ConsumerMembers, type AttachedMember } from './members.js';
import { ParkedEntry } from './parked-entry.js';
import { PendingEvent, Schedule } from './schedule.js';
import type { ConsumerSurroundings, EventContent, WorkingConsumer } from './working-consumer.js';

/** Pending events that are read beyond those that members may have. */
const READ_AHEAD = 1024;
/** Bytes of pending events from which on no more are read. */
const MAX_CONTENT_BYTES = 32 * 1024 * 1024;
/** Entries by which the floor rises at least before it is stored with other changes. */
const FLOOR_STEP = 256;
/** How often the floor is stored when nothing else is, and changes of other brokers are noticed. */
const REFRESH_MS = 2000;

/**
 * A consumer with members at this broker: reads the events that it wants, and delivers them. All
 * that must hold across brokers is decided by the store.
 */
export class ActiveConsumer implements WorkingConsumer, FeedListener {
  readonly schedule = new Schedule<EventContent>();
  readonly members = new ConsumerMembers();
  readonly broker: Broker;
  readonly store: ConsumerStore;
  readonly uptime: () => number;
  readonly warn: (text: string) => void;
  readonly #answers = new Answers(this);
  readonly #claims = new Claims(this, this.#answers);
  readonly #refreshing: NodeJS.Timeout;
  #feed: Feed | undefined;
  #storedFloor: Floor;
  #hasEnded = false;
  readonly #stopWatchingRights: (() => void) | undefined;
  /** Gaps are recorded one after another. */
  #recorded: Promise<void> = Promise.resolve();

  private constructor(
    readonly caller: Caller,
    surroundings: ConsumerSurroundings,
    public snapshot: ConsumerSnapshot,
    private readonly onEnd: () => void,
  ) {
    ({
      broker: this.broker,
      store: this.store,
      uptime: this.uptime,
      warn: this.warn,
    } = surroundings);
    this.#storedFloor = snapshot.floor;
    // Events that were read with the old rights must not be delivered.
    this.#stopWatchingRights = caller.onChange?.(() => {
      this.end(undefined);
    });
    this.#refreshing = setInterval(() => void this.refresh(), REFRESH_MS);
    this.#refreshing.unref();
  }

  /** @param onEnd called when it has ended, and members have to attach to another one */
  static async open(
    caller: Caller,
    surroundings: ConsumerSurroundings,
    snapshot: ConsumerSnapshot,
    filter: FilterSet,
    onEnd: () => void,
  ): Promise<ActiveConsumer> {
    const consumer = new ActiveConsumer(caller, surroundings, snapshot, onEnd);
    try {
      const { broker } = surroundings;
      consumer.#feed = await Feed.open(
        caller,
        broker,
        snapshot.settings,
        filter,
        snapshot,
        consumer,
      );
      await consumer.#addReplayed();
      consumer.#feed.readOn();
      return consumer;
    } catch (error) {
      consumer.end(error);
      throw error;
    }
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get consideredOffset(): number {
    return this.#feed?.considered.offset ?? 0;
  }

  /** Time of the oldest unsettled event, ns since 1970. */
  get oldestTime(): bigint | undefined {
    return this.schedule.oldest?.content?.timestamp;
  }

  /** Everything up to here is settled. */
  get floor(): Floor {
    const { snapshot, schedule } = this;
    const considered = this.#feed?.considered ?? snapshot.floor;
    if (schedule.oldest === undefined) return considered;
    const { settledUpTo } = schedule;
    return settledUpTo === undefined ? snapshot.floor : { ...considered, ...settledUpTo };
  }

  /** Attaches a member, which goes on with the deliveries that it holds. */
  async attach(member: Member, held: readonly DeliveryId[]): Promise<AttachedMember> {
    const { name, generation, paused } = this.snapshot;
    const ids = held.map(({ id }) => id);
    try {
      await this.store.attach(name, generation, member.name, ids);
    } catch (error) {
      if (this.members.count === 0) this.end(undefined);
      throw error;
    }
    // Its last member may have left meanwhile. The new one attaches again.
    if (this.#hasEnded) throw startsAgain(name);
    const attached = this.members.add(member);
    const attempts = new Map(held.map(({ id, attempt }) => [id, attempt]));
    for (const event of this.schedule.events()) {
      const isOwn = event.state === 'leased' && event.member === member.name;
      // Deliveries that were lost with the connection before, and events that waited for them.
      const isLost = isOwn && attempts.get(event.id) !== event.attempt;
      if (isLost || event.state === 'blocked') this.schedule.makeReady(event);
    }
    this.#answers.hold(member.name, held);
    if (paused !== '') member.paused(paused);
    return attached;
  }

  credit(member: AttachedMember, events: number): void {
    member.credit += events;
    this.#claims.soon();
  }

  answer(member: AttachedMember, answers: readonly MemberAnswer[]): void {
    this.#answers.add(member, answers);
  }

  /** A connection has ended. The leases of the member last, because it may come back. */
  disconnect(member: AttachedMember): void {
    this.members.remove(member);
    if (this.members.count === 0) this.end(undefined);
  }

  /** A member leaves: others may have its events at once. */
  async leave(attached: AttachedMember): Promise<void> {
    const { member } = attached;
    attached.isGone = true;
    await this.#claims.underWay;
    await this.#answers.release(member.name);
    await this.store.detach(this.snapshot.name, member.name);
  }

  /** Stores the floor, and takes over what others have changed. */
  async refresh(): Promise<void> {
    try {
      const { name, generation, settings, paused } = this.snapshot;
      const floor = this.floorToStore(1);
      if (floor !== undefined) await this.store.settle(name, generation, [], floor);
      const snapshot = await this.store.get(name);
      if (this.#hasEnded) return;
      const isSame =
        snapshot?.generation === generation &&
        JSON.stringify(snapshot.settings) === JSON.stringify(settings);
      if (!isSame) {
        this.end(undefined);
        return;
      }
      this.snapshot = snapshot;
      if (snapshot.paused !== paused) {
        this.members.each((member) => {
          member.paused(snapshot.paused);
        });
      }
      await this.#addReplayed();
      this.#claims.soon();
    } catch (error) {
      this.end(error);
    }
  }

  /** Ends it. Without an error, its members are to attach again. */
  end(error: unknown): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearInterval(this.#refreshing);
    this.#stopWatchingRights?.();
    this.#claims.stop();
    this.#feed?.close();
    this.#storeFloor();
    this.onEnd();
    this.members.each((member) => {
      if (error === undefined) member.end();
      else member.fail(error);
    });
  }

  /** Stores the floor if that is possible; the settled events above it are stored anyway. */
  #storeFloor(): void {
    const { name, generation } = this.snapshot;
    const floor = this.floorToStore(1);
    if (floor !== undefined) void this.store.settle(name, generation, [], floor).catch(() => {});
  }

  hasSpace(): boolean {
    const { maxInFlight } = this.snapshot.settings;
    const { size, contentBytes } = this.schedule;
    return size < maxInFlight + READ_AHEAD && contentBytes < MAX_CONTENT_BYTES;
  }

  event(view: EventView, key: string): void {
    this.schedule.add(new PendingEvent<EventContent>(view.offset, key, view.fingerprint, view));
  }

  read(): void {
    this.#answers.adoptHeld();
    if (this.schedule.hasReady) this.#claims.soon();
  }

  readOn(): void {
    this.#feed?.readOn();
  }

  changed(): void {
    this.readOn();
    this.#claims.freed();
  }

  gap(gap: Gap): void {
    const isEmpty = this.schedule.oldest === undefined;
    this.#recorded = this.#recorded
      .then(() => this.#recordGap(gap, isEmpty))
      .catch((error: unknown) => {
        this.end(error);
      });
  }

  ended(error: unknown): void {
    this.end(error);
  }

  async #recordGap(gap: Gap, isEmpty: boolean): Promise<void> {
    const { reason, from, to, lostAtMost } = gap;
    this.members.announceGap(gap);
    // The consumer has lost nothing that the history had.
    if (reason === 'not recorded') return;
    const { name, lastGap, settings, generation } = this.snapshot;
    const count = lostAtMost === 0 ? 'an unknown number of' : `at most ${lostAtMost}`;
    this.warn(`consumer ${name}: ${count} events are lost (${reason})`);
    // Several brokers may meet the same gap.
    const isNew = lastGap?.from !== from || lastGap.to !== to;
    const recorded = { reason, from, to, lostAtMost, time: Date.now() };
    if (settings.onGap === 'pause' && isNew) {
      await this.store.update(name, { paused: `${count} events are lost (${reason})` });
    }
    if (reason === 'rolled back' || reason === 'store recreated') {
      await this.store.reset(name, parseCursor(to), isNew ? recorded : undefined);
      this.end(undefined);
      return;
    }
    if (isNew) {
      await this.store.recordGap(name, generation, recorded, isEmpty ? parseCursor(to) : undefined);
    }
    await this.refresh();
  }

  async #addReplayed(): Promise<void> {
    const { name, replaying } = this.snapshot;
    for (const { number, key } of replaying) {
      if (this.schedule.find(-number) !== undefined) continue;
      const [parked] = await this.store.parked(name, number - 1, 1);
      if (parked?.number !== number || this.schedule.find(-number) !== undefined) continue;
      const content = new ParkedEntry(parked);
      if (!this.caller.readable.has(content.namespace)) continue;
      this.schedule.add(new PendingEvent<EventContent>(-number, key, 0, content));
    }
  }

  floorToStore(step = FLOOR_STEP): Floor | undefined {
    const { floor } = this;
    const isOther = floor.epoch !== this.#storedFloor.epoch;
    if (isOther || floor.offset < this.#storedFloor.offset + step) return undefined;
    this.#storedFloor = floor;
    return floor;
  }
}
