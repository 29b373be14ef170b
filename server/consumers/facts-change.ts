import type {
  ConsumerSettings,
  Floor,
  LeaseName,
  ParkedEvent,
  RecordedGap,
  Try,
} from './consumer-store.js';

/** The facts about a consumer that are few: they are stored as a whole when one changes. */
export interface LastingFacts {
  readonly name: string;
  readonly owner: string;
  /** ms since 1970. */
  readonly createdAt: number;
  readonly generation: number;
  readonly settings: ConsumerSettings;
  readonly paused: string;
  readonly floor: Floor;
  readonly acknowledged: number;
  readonly failedTries: number;
  readonly gaps: number;
  readonly lostAtMost: number;
  readonly lastGap?: RecordedGap;
  /** Number of the next parked event. */
  readonly nextParked: number;
  /** Only events up to this offset may be leased; a process reserves some before it leases them. */
  readonly reserved: number;
}

/** The failed tries of an event. */
export interface TriedEvent {
  readonly id: number;
  readonly attempts: number;
  readonly delayMs: number;
  readonly tries: readonly Try[];
}

export interface KeptLease extends LeaseName {
  readonly leftMs: number;
}

/** One durable change of a consumer's facts. Applied in the order of its fields. */
export interface FactsChange {
  /** The generation that the change belongs to; absent where it counts in every one. */
  readonly generation?: number;
  readonly lasting?: LastingFacts;
  readonly settings?: ConsumerSettings;
  readonly paused?: string;
  /** Forgets the floor, and all that is settled, tried or leased. */
  readonly reset?: { readonly generation: number; readonly floor: Floor };
  /** Members that attached, and that left in order. */
  readonly joined?: readonly string[];
  readonly left?: readonly string[];
  readonly settled?: readonly number[];
  readonly tries?: readonly TriedEvent[];
  readonly parked?: readonly ParkedEvent[];
  /** Numbers of parked events that are removed. */
  readonly unparked?: readonly number[];
  /** Numbers of parked events that are claimable again. */
  readonly replayed?: readonly number[];
  /** Leases that a process left when it ended in order. */
  readonly leases?: readonly KeptLease[];
  readonly gap?: RecordedGap;
  readonly floor?: Floor;
  readonly reserved?: number;
  /** How many were acknowledged, and how many tries failed. */
  readonly acknowledged?: number;
  readonly failed?: number;
}

/** The lasting facts after a change but its floor. */
export function changed(before: LastingFacts, change: FactsChange): LastingFacts {
  const { parked = [], gap, reserved, acknowledged = 0, failed = 0, reset } = change;
  return {
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
}
