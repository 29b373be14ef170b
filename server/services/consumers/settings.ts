import {
  ConsumerGapPolicy,
  ConsumerOrdering,
  type ConsumerSettings as SettingsMessage,
  type ConsumerStart,
} from '../../../protos/gen/foghorn/v1/consumers.js';
import type { Duration } from '../../../protos/gen/google/protobuf/duration.js';
import { FoghornError } from '../../../protocol/errors.js';
import { durationFromMs, msFromDuration, nanosFromTimestamp } from '../../../protocol/timestamp.js';
import type { SubscriptionStart } from '../../broker/read-options.js';
import type { ConsumerSettings, Ordering } from '../../consumers/consumer-store.js';

const DEFAULTS = {
  ackWaitMs: 30_000,
  maxDeliveries: 10,
  backoffMs: [1000, 5000, 15_000, 60_000],
  maxInFlight: 1024,
};

const LIMITS = {
  filters: 256,
  /** ms */
  ackWait: { min: 100, max: 24 * 3_600_000 },
  backoffs: 32,
  backoff: { min: 0, max: 24 * 3_600_000 },
  maxInFlight: 1_000_000,
  maxDeliveries: 1_000_000,
};

const ORDERINGS: Readonly<Record<ConsumerOrdering, Ordering>> = {
  [ConsumerOrdering.CONSUMER_ORDERING_UNSPECIFIED]: 'container',
  [ConsumerOrdering.CONSUMER_ORDERING_CONTAINER]: 'container',
  [ConsumerOrdering.CONSUMER_ORDERING_TOTAL]: 'total',
  [ConsumerOrdering.CONSUMER_ORDERING_NONE]: 'none',
};

/** Checks settings and fills in their defaults. Throws INVALID_ARGUMENT. */
export function settingsOf(message: SettingsMessage | undefined): ConsumerSettings {
  const { filters = [], backoff = [], ackWait, maxDeliveries, maxInFlight = 0 } = message ?? {};
  atMost('filters', filters.length, LIMITS.filters);
  atMost('backoff', backoff.length, LIMITS.backoffs);
  atMost('max_in_flight', maxInFlight, LIMITS.maxInFlight);
  atMost('max_deliveries', maxDeliveries ?? 0, LIMITS.maxDeliveries);
  return {
    filters,
    ordering: orderingOf(message?.ordering ?? ConsumerOrdering.CONSUMER_ORDERING_UNSPECIFIED),
    ackWaitMs: ackWait ? durationMs('ack_wait', ackWait, LIMITS.ackWait) : DEFAULTS.ackWaitMs,
    maxDeliveries: maxDeliveries ?? DEFAULTS.maxDeliveries,
    backoffMs:
      backoff.length === 0
        ? DEFAULTS.backoffMs
        : backoff.map((delay) => durationMs('backoff', delay, LIMITS.backoff)),
    maxInFlight: maxInFlight === 0 ? DEFAULTS.maxInFlight : maxInFlight,
    ...holdOf(message?.holdBytes ?? 0n),
    onGap: gapPolicyOf(message?.gapPolicy ?? ConsumerGapPolicy.CONSUMER_GAP_POLICY_UNSPECIFIED),
  };
}

function holdOf(bytes: bigint): Pick<ConsumerSettings, 'holdBytes'> {
  if (bytes > BigInt(Number.MAX_SAFE_INTEGER)) throw invalid(`hold_bytes: too large: ${bytes}`);
  return bytes === 0n ? {} : { holdBytes: Number(bytes) };
}

function orderingOf(ordering: ConsumerOrdering): Ordering {
  const known = ORDERINGS[ordering] as Ordering | undefined;
  if (known !== undefined) return known;
  throw invalid(`unknown ordering ${ordering as number}`);
}

function gapPolicyOf(policy: ConsumerGapPolicy): ConsumerSettings['onGap'] {
  switch (policy) {
    case ConsumerGapPolicy.CONSUMER_GAP_POLICY_UNSPECIFIED:
    case ConsumerGapPolicy.CONSUMER_GAP_POLICY_CONTINUE:
      return 'continue';
    case ConsumerGapPolicy.CONSUMER_GAP_POLICY_PAUSE:
      return 'pause';
    default:
      throw invalid(`unknown gap policy ${policy as number}`);
  }
}

/** The start that a message names. */
export function startOf(start: ConsumerStart | undefined): SubscriptionStart {
  const position = start?.position;
  switch (position?.$case) {
    case 'earliest':
      return { kind: 'earliest' };
    case 'after':
      return { kind: 'after', cursor: position.value };
    case 'since':
      return { kind: 'since', time: nanosFromTimestamp(position.value) };
    case 'now':
    case undefined:
      return { kind: 'now' };
  }
}

/** Whole milliseconds of a duration, rounded up. Throws INVALID_ARGUMENT outside the limits. */
export function durationMs(
  field: string,
  duration: Duration,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const ms = msFromDuration(duration);
  if (ms >= min && ms <= max) return ms;
  throw invalid(`${field}: expected ${min} ms to ${max} ms, got ${ms} ms`);
}

function atMost(field: string, value: number, limit: number): void {
  if (value > limit) throw invalid(`${field}: expected at most ${limit}, got ${value}`);
}

function invalid(text: string): FoghornError {
  return new FoghornError('INVALID_ARGUMENT', text);
}

/** The settings as a message. */
export function settingsMessage(settings: ConsumerSettings): SettingsMessage {
  const { filters, ordering, ackWaitMs, maxDeliveries, backoffMs, maxInFlight, onGap } = settings;
  return {
    filters: [...filters],
    ordering: {
      container: ConsumerOrdering.CONSUMER_ORDERING_CONTAINER,
      total: ConsumerOrdering.CONSUMER_ORDERING_TOTAL,
      none: ConsumerOrdering.CONSUMER_ORDERING_NONE,
    }[ordering],
    ackWait: durationFromMs(ackWaitMs),
    maxDeliveries,
    backoff: backoffMs.map(durationFromMs),
    maxInFlight,
    gapPolicy:
      onGap === 'pause'
        ? ConsumerGapPolicy.CONSUMER_GAP_POLICY_PAUSE
        : ConsumerGapPolicy.CONSUMER_GAP_POLICY_CONTINUE,
    holdBytes: BigInt(settings.holdBytes ?? 0),
  };
}
