/**
 * The contract of a store of durable consumers. The suite in `conformance/consumers` holds every
 * driver to it.
 *
 * A consumer has a floor: every event at or before it is settled. Above the floor, the store
 * remembers the settled events, the leases, and the failed tries. Which events a consumer wants is
 * known only to brokers, which read the history from the floor on.
 *
 * - An event has an id: its offset, or for a parked event that is replayed, minus its number.
 * - A lease gives one event to one member for a time. A key has one lease at a time, so brokers
 *   give events that must not be handled at once the same key.
 * - A settled event stays settled until `reset`, so brokers may remember that it is.
 * - A resolved call is as durable as an append to the history; leases alone may be lost with the
 *   machine. A store that may have lost leases grants none of their events to another member for
 *   `ackWaitMs`, unless all members have come back with `attach`. A restart alone prolongs none.
 *
 * Calls with an old generation reject with ABORTED, calls for an unknown name with NOT_FOUND.
 */
export interface ConsumerStore {
  list(): Promise<readonly ConsumerSnapshot[]>;

  get(name: string): Promise<ConsumerSnapshot | undefined>;

  /** The consumers that retention waits for. Cheap: called with each pass of retention. */
  holds(): Promise<readonly ConsumerHold[]>;

  /** Rejects with ALREADY_EXISTS. */
  create(consumer: NewConsumer): Promise<ConsumerSnapshot>;

  update(name: string, changes: ConsumerChanges): Promise<ConsumerSnapshot>;

  /**
   * Continues after another position, in a new generation. Forgets the settled events above the
   * floor, the leases, and the tries; keeps the parked events.
   */
  reset(name: string, floor: Floor, gap?: RecordedGap): Promise<ConsumerSnapshot>;

  /** Records that entries were lost, and raises the floor if one is given. */
  recordGap(name: string, generation: number, gap: RecordedGap, floor?: Floor): Promise<void>;

  remove(name: string): Promise<void>;

  /**
   * Announces a member, and the events of an earlier connection that it still works on. Its leases
   * of other events end, because it does not know of them.
   */
  attach(name: string, generation: number, member: string, held: readonly number[]): Promise<void>;

  /** Says that a member has ended in order, and will not come back. */
  detach(name: string, member: string): Promise<void>;

  /** Leases events to members for `leaseMs`; resolves with an answer for each, in order. */
  claim(
    name: string,
    generation: number,
    claims: readonly Claim[],
    leaseMs: number,
  ): Promise<readonly ClaimAnswer[]>;

  /**
   * Lets leases last for `leaseMs` from now. Also renews a lease that has run out or was lost with
   * the process, unless its key is leased again. Resolves with whether each lasts.
   */
  extend(
    name: string,
    generation: number,
    leases: readonly LeaseName[],
    leaseMs: number,
  ): Promise<readonly boolean[]>;

  /** Ends leases, and raises the floor if one is given. Resolves with an answer for each. */
  settle(
    name: string,
    generation: number,
    settlements: readonly Settlement[],
    floor?: Floor,
  ): Promise<readonly SettleAnswer[]>;

  /** The parked events with a number above `after`, at most `limit`, in order. */
  parked(name: string, after: number, limit: number): Promise<readonly ParkedEvent[]>;

  /** Makes parked events claimable again, all without numbers. Resolves with how many there are. */
  replay(name: string, numbers: readonly number[] | undefined): Promise<number>;

  /** Removes parked events, all without numbers. Resolves with how many there were. */
  discard(name: string, numbers: readonly number[] | undefined): Promise<number>;

  /** Finishes calls under way. Every later call rejects with UNAVAILABLE. */
  close(): Promise<void>;
}

/** Events of one container in order, all events in order, or no order at all. */
export type Ordering = 'container' | 'total' | 'none';

export interface ConsumerSettings {
  readonly filters: readonly string[];
  readonly ordering: Ordering;
  /** How long a member may keep an event without a sign of life. */
  readonly ackWaitMs: number;
  /** Deliveries after which an event is parked; 0 for no limit. */
  readonly maxDeliveries: number;
  /** Delays before the second, third, … delivery; the last one repeats. */
  readonly backoffMs: readonly number[];
  /** Most leases at a time. */
  readonly maxInFlight: number;
  readonly onGap: 'pause' | 'continue';
  /** Bytes of entries after the floor up to which retention waits; it does not if absent. */
  readonly holdBytes?: number;
}

/** A consumer whose entries after its stored floor are held up to a size. */
export interface ConsumerHold {
  readonly name: string;
  readonly bytes: number;
  readonly floor: Floor;
}

export interface NewConsumer {
  readonly name: string;
  /** Name of the caller that created it. */
  readonly owner: string;
  readonly settings: ConsumerSettings;
  readonly floor: Floor;
}

export interface ConsumerChanges {
  readonly settings?: ConsumerSettings;
  /** Why nothing is delivered; empty to go on. */
  readonly paused?: string;
}

/** A position in a history. */
export interface Floor {
  readonly epoch: string;
  readonly offset: number;
  readonly fingerprint: number;
}

/** A loss of entries that a consumer did not get. */
export interface RecordedGap {
  readonly reason: string;
  readonly from: string;
  readonly to: string;
  /** 0 when the number is unknown. */
  readonly lostAtMost: number;
  /** ms since 1970. */
  readonly time: number;
}

/** Everything about a consumer but its parked events and leases. */
export interface ConsumerSnapshot extends NewConsumer {
  /** ms since 1970. */
  readonly createdAt: number;
  /** Raised by `reset`, and different for a consumer that was removed and created again. */
  readonly generation: number;
  readonly paused: string;
  /** Settled offsets above the floor, in no particular order. */
  readonly settled: readonly number[];
  /** Number of leases that have not run out. */
  readonly inFlight: number;
  /** Events that wait for members of a process before; undefined if there are none. */
  readonly heldBack: HeldBack | undefined;
  readonly counts: ConsumerCounts;
  readonly lastGap: RecordedGap | undefined;
  /** Parked events that are being replayed. */
  readonly replaying: readonly ReplayedEvent[];
}

/**
 * Events that no other member gets after a restart, until the members that had them are back, or
 * their leases have run out.
 */
export interface HeldBack {
  /** How many there are at most. */
  readonly events: number;
  readonly ms: number;
}

export interface ReplayedEvent {
  readonly number: number;
  readonly key: string;
}

export interface ConsumerCounts {
  readonly acknowledged: number;
  readonly failedTries: number;
  readonly gaps: number;
  readonly lostAtMost: number;
  readonly parked: number;
  readonly parkedBytes: number;
}

/** Names the event that a member asks for; `key` is what must not be leased twice. */
export interface Claim {
  readonly id: number;
  readonly key: string;
  readonly member: string;
}

export type ClaimAnswer =
  /** The delivery with this number, from 1, is the member's. */
  | { readonly kind: 'granted'; readonly attempt: number }
  | { readonly kind: 'settled' }
  /** Another lease, or the delay before the next delivery, lasts this long. */
  | { readonly kind: 'blocked'; readonly ms: number }
  /** As many leases as `maxInFlight`, or too many settled events above the floor. */
  | { readonly kind: 'full' };

export interface LeaseName extends Claim {
  readonly attempt: number;
}

export type Settlement = LeaseName &
  (
    | { readonly kind: 'ack' }
    | Retry
    /** Returns an event that its member never saw: the delivery does not count. */
    | { readonly kind: 'release' }
    | { readonly kind: 'park'; readonly reason: string; readonly event: EventToPark }
  );

/** A failed delivery, to be tried again after a delay. */
export interface Retry {
  readonly kind: 'retry';
  readonly delayMs: number;
  readonly reason: string;
}

export type SettleAnswer =
  /** Also for an event that was settled before. */
  | 'done'
  /** The lease had run out, and another member has the event. */
  | 'stale'
  /** There is no space for another parked event. */
  | 'full';

export interface EventToPark {
  readonly cursor: string;
  readonly envelope: Uint8Array;
}

export interface Try {
  readonly attempt: number;
  readonly member: string;
  readonly reason: string;
  /** ms since 1970. */
  readonly time: number;
}

export interface ParkedEvent extends EventToPark, ReplayedEvent {
  readonly reason: string;
  /** ms since 1970. */
  readonly time: number;
  /** The last MAX_TRIES of them. */
  readonly tries: readonly Try[];
  readonly isReplaying: boolean;
}

/** Limits of every driver. */
export const CONSUMER_LIMITS = {
  /** Tries that are remembered of one event. */
  tries: 10,
  /** Parked events of one consumer, and bytes of their envelopes. */
  parked: 10_000,
  parkedBytes: 16 * 1024 * 1024,
  /** Settled events above the floor. */
  settled: 131_072,
} as const;
