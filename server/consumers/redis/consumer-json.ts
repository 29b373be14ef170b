import type {
  ConsumerHold,
  ConsumerSettings,
  ConsumerSnapshot,
  ParkedEvent,
  RecordedGap,
  ReplayedEvent,
  Settlement,
} from '../consumer-store.js';

/** The reply of consumer.lua that describes a consumer. */
interface StoredConsumer {
  readonly owner: string;
  readonly created_at: string;
  readonly generation: string;
  readonly settings: string;
  readonly paused: string;
  readonly epoch: string;
  readonly floor: string;
  readonly fingerprint: string;
  readonly acknowledged: string;
  readonly failed: string;
  readonly gaps: string;
  readonly lost: string;
  readonly last_gap?: string;
  readonly parked_bytes: string;
  readonly settled: unknown;
  readonly in_flight: number;
  readonly parked: number;
  readonly replaying: unknown;
}

type StoredParked = Omit<ParkedEvent, 'envelope'> & { readonly envelope: string };

export function snapshotIn(name: string, reply: unknown): ConsumerSnapshot {
  const stored = reply as StoredConsumer;
  const { owner, paused, last_gap: lastGap } = stored;
  return {
    ...{ name, owner, paused },
    createdAt: Number(stored.created_at),
    generation: Number(stored.generation),
    settings: JSON.parse(stored.settings) as ConsumerSettings,
    floor: {
      epoch: stored.epoch,
      offset: Number(stored.floor),
      fingerprint: Number(stored.fingerprint),
    },
    settled: listIn<string>(stored.settled).map(Number),
    inFlight: stored.in_flight,
    // Redis keeps leases, whatever restarts.
    heldBack: undefined,
    lastGap: lastGap === undefined ? undefined : (JSON.parse(lastGap) as RecordedGap),
    replaying: listIn<ReplayedEvent>(stored.replaying),
    counts: {
      acknowledged: Number(stored.acknowledged),
      failedTries: Number(stored.failed),
      gaps: Number(stored.gaps),
      lostAtMost: Number(stored.lost),
      parked: stored.parked,
      parkedBytes: Number(stored.parked_bytes),
    },
  };
}

/**
 * The hold of a consumer; undefined for one that holds nothing, or was removed meanwhile.
 *
 * @param reply values of the facts settings, epoch, floor and fingerprint
 */
export function holdIn(name: string, reply: readonly (string | null)[]): ConsumerHold | undefined {
  const [settings, epoch, offset, fingerprint] = reply;
  if (typeof settings !== 'string' || typeof epoch !== 'string') return undefined;
  const { holdBytes: bytes } = JSON.parse(settings) as ConsumerSettings;
  if (bytes === undefined) return undefined;
  return {
    name,
    bytes,
    floor: { epoch, offset: Number(offset), fingerprint: Number(fingerprint) },
  };
}

/** A settlement as consumer.lua takes it. */
export function storedSettlement(settlement: Settlement): object {
  const { id, key, member, attempt, kind } = settlement;
  const common = { id, key, member, attempt, kind };
  switch (settlement.kind) {
    case 'retry':
      return { ...common, delayMs: Math.ceil(settlement.delayMs), reason: settlement.reason };
    case 'park': {
      const { reason, event } = settlement;
      const { cursor, envelope } = event;
      const encoded = Buffer.from(envelope).toString('base64');
      return { ...common, reason, cursor, envelope: encoded, bytes: envelope.length };
    }
    default:
      return common;
  }
}

export function parkedIn(reply: unknown): ParkedEvent {
  const { number, key, cursor, reason, time, tries, isReplaying, envelope } = reply as StoredParked;
  return {
    ...{ number, key, cursor, reason, time, isReplaying },
    tries: listIn(tries),
    envelope: Buffer.from(envelope, 'base64'),
  };
}

/** A list in a reply: Lua cannot tell an empty one from an empty object. */
export function listIn<Item>(reply: unknown): Item[] {
  return Array.isArray(reply) ? (reply as Item[]) : [];
}
