import { FoghornError } from '../../protocol/errors.js';
import { checkMay, type Caller } from '../access/caller.js';
import type { Clock } from '../../protocol/clock.js';
import { MAX_ENVELOPE_BYTES } from '../../protocol/limits.js';
import type { TraceContext } from '../../protocol/trace-context.js';
import type { Timestamp } from '../../protos/gen/google/protobuf/timestamp.js';
import { forwardedKey, MAX_PUBLISH_ID_BYTES, publishedKey } from '../events/dedupe-key.js';
import type { EncodedAny } from '../../protocol/wire/any.js';
import { encodeEnvelope } from '../../protocol/wire/envelope.js';
import type { RequestedEnvelope } from '../../protocol/wire/event-requests.js';
import { withTrace } from '../../protocol/wire/trace.js';
import { subjectOf } from '../events/container-key.js';
import { AcceptedFields, TracedFields } from '../events/event-fields.js';
import { fileEnvelope } from '../events/filing.js';
import { checkNamespace, checkTopic } from '../events/names.js';
import { END_OF_TIME_NANOS, GO_ZERO_NANOS, nanosFromTimestamp } from '../../protocol/timestamp.js';
import type { EventStore, NewEntry } from '../history/store.js';

/*
 * containerd's checks of events, in containerd's order and with its texts: the first failure wins.
 */

/** An event to publish, as the caller sent it. */
export interface PublishedEvent {
  /** The caller's namespace; undefined or empty if the caller named none. */
  readonly namespace: string | undefined;
  readonly topic: string;
  /** The payload, whose bytes are carried as they are. */
  readonly event: EncodedAny | undefined;
  /**
   * UTF-8. A second event with the same id in the same namespace is a duplicate. Empty for an event
   * that never is one.
   */
  readonly publishId: Uint8Array;
  /** The trace that the event belongs to; undefined for none. */
  readonly trace?: TraceContext;
}

/** Takes single events into the history. Its promises resolve when the event is durable. */
export class Intake {
  /** @param drained aborts with the error of everything that comes later */
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly drained: AbortSignal,
    private readonly reportRefused: (code: string) => void,
  ) {}

  // Both return the store's own promise, because each promise of an event counts.

  /**
   * Rejects with FAILED_PRECONDITION without a namespace, INVALID_ARGUMENT for bad names,
   * PERMISSION_DENIED without the right to publish, RESOURCE_EXHAUSTED above the caller's quota.
   */
  publish(caller: Caller, event: PublishedEvent): Promise<unknown> {
    try {
      this.drained.throwIfAborted();
      return this.store.append([admit(caller, acceptPublish(caller, event, this.clock()))]);
    } catch (error) {
      return this.#refuse(error as Error);
    }
  }

  /**
   * Stores an envelope with its own time and namespace. Rejects with INVALID_ARGUMENT,
   * PERMISSION_DENIED, RESOURCE_EXHAUSTED.
   */
  forward(caller: Caller, envelope: RequestedEnvelope | undefined): Promise<unknown> {
    try {
      this.drained.throwIfAborted();
      return this.store.append([admit(caller, acceptForward(caller, envelope))]);
    } catch (error) {
      return this.#refuse(error as Error);
    }
  }

  #refuse(reason: Error): Promise<never> {
    if (reason instanceof FoghornError) this.reportRefused(reason.code);
    return Promise.reject(reason);
  }
}

/** Counts an entry in its caller's quota. Throws RESOURCE_EXHAUSTED. */
function admit({ quota }: Caller, entry: NewEntry): NewEntry {
  if (quota === undefined) return entry;
  quota.checkIn();
  quota.countIn(1, entry.bytes.length);
  return entry;
}

/**
 * Makes the entry of a published event. Throws FAILED_PRECONDITION without a namespace,
 * INVALID_ARGUMENT for bad names, and PERMISSION_DENIED without the right to publish there.
 */
export function acceptPublish(
  caller: Caller,
  { namespace, topic, event, publishId, trace }: PublishedEvent,
  now: bigint,
): NewEntry {
  if (!namespace) {
    throw FoghornError.refusal(
      'FAILED_PRECONDITION',
      'failed publishing event: namespace is required: failed precondition',
    );
  }
  checkNamespace(namespace, 'failed publishing event: namespace validation: ');
  checkMay(caller, 'publish', namespace);
  checkTopic(topic);
  checkPublishId(publishId);
  const bytes = encode(now, namespace, topic, event?.bytes);
  const dedupeKey = publishId.length > 0 ? publishedKey(publishId, namespace) : undefined;
  return entryOf(bytes, now, namespace, topic, event, dedupeKey, trace);
}

/**
 * Checks an envelope that keeps its own namespace and time. Throws INVALID_ARGUMENT,
 * PERMISSION_DENIED.
 */
export function acceptForward(caller: Caller, envelope: RequestedEnvelope | undefined): NewEntry {
  if (envelope === undefined) {
    throw FoghornError.refusal(
      'INVALID_ARGUMENT',
      'envelope must be set on forward request: invalid argument',
    );
  }
  const { namespace, topic, timestamp, event, trace } = envelope;
  checkNamespace(namespace, 'event envelope has invalid namespace: ');
  checkMay(caller, 'publish', namespace);
  checkTopic(topic);
  const time = checkTimestamp(timestamp);
  const bytes = encode(time, namespace, topic, event?.bytes);
  const dedupeKey = forwardedKey(time, bytes);
  return entryOf(bytes, time, namespace, topic, event, dedupeKey, trace);
}

/**
 * The trace comes after everything that makes an envelope a duplicate of another: a retry may
 * belong to another span.
 */
function entryOf(
  envelope: Buffer,
  time: bigint,
  namespace: string,
  topic: string,
  event: EncodedAny | undefined,
  dedupeKey: Uint8Array | undefined,
  trace: TraceContext | undefined,
): NewEntry {
  const { length } = envelope;
  const subject = event && subjectOf(event);
  const { key, retention } = fileEnvelope(namespace, topic, subject, length);
  const bytes = trace === undefined ? envelope : withTrace(envelope, trace);
  const origin =
    trace === undefined || bytes === envelope
      ? new AcceptedFields(bytes, time, namespace, topic, subject, event, length)
      : new TracedFields(trace, bytes, time, namespace, topic, subject, event, length);
  return { bytes, time, key, retention, dedupeKey, origin };
}

function checkPublishId(publishId: Uint8Array): void {
  const bytes = publishId.length;
  if (bytes <= MAX_PUBLISH_ID_BYTES && !publishId.includes(0)) return;
  throw FoghornError.refusal(
    'INVALID_ARGUMENT',
    `publish id: expected at most ${MAX_PUBLISH_ID_BYTES} bytes without NUL, got ${bytes}`,
  );
}

function checkTimestamp(timestamp: Timestamp | undefined): bigint {
  const time = timestamp === undefined ? GO_ZERO_NANOS : nanosFromTimestamp(timestamp);
  if (time === GO_ZERO_NANOS) {
    throw FoghornError.refusal(
      'INVALID_ARGUMENT',
      'timestamp must be set on forwarded event: invalid argument',
    );
  }
  if (time < GO_ZERO_NANOS || time >= END_OF_TIME_NANOS) {
    throw FoghornError.refusal(
      'INVALID_ARGUMENT',
      'timestamp of forwarded event must lie in the years 1 to 9999: invalid argument',
    );
  }
  return time;
}

function encode(
  time: bigint,
  namespace: string,
  topic: string,
  event: Uint8Array | undefined,
): Buffer {
  const bytes = encodeEnvelope(time, namespace, topic, event);
  if (bytes.length <= MAX_ENVELOPE_BYTES) return bytes;
  throw FoghornError.refusal(
    'INVALID_ARGUMENT',
    `event too large: its envelope has ${bytes.length} bytes, the limit is ${MAX_ENVELOPE_BYTES}`,
  );
}
