import { Any } from '../../../protos/gen/google/protobuf/any.js';
import { FoghornError } from '../../../protocol/errors.js';
import { envelopeFromJson } from '../../../protocol/event-json.js';
import { expectObject, invalid } from '../../../protocol/payload-json.js';
import type { PayloadTypes } from '../../../protocol/payload-types.js';
import type { TraceContext } from '../../../protocol/trace-context.js';
import { nanosFromTimestamp } from '../../../protocol/timestamp.js';
import { readEncodedAny, type EncodedAny } from '../../../protocol/wire/any.js';
import type { NewEvent } from '../../broker/append.js';

/** Throws INVALID_ARGUMENT for a body that is not JSON. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw invalid('body', `JSON (${(error as Error).message})`);
  }
}

/**
 * An event from {"topic", "namespace", "event", "id", "timestamp"}, the form that events are read
 * in. Returns INVALID_ARGUMENT for anything else.
 *
 * An event with a timestamp and no id is stored as if forwarded: it is recognized by its content.
 *
 * @param namespace of an event that names none
 */
export function eventFromJson(
  json: unknown,
  namespace: string | undefined,
  types: PayloadTypes,
): NewEvent | FoghornError {
  try {
    const { id, ...rest } = expectObject(json, 'event');
    if (id !== undefined && typeof id !== 'string') throw invalid('id', 'a string', id);
    const envelope = envelopeFromJson(rest, types);
    const event = envelope.event && encodedAny(envelope.event);
    const named = {
      topic: envelope.topic,
      namespace: envelope.namespace === '' ? (namespace ?? '') : envelope.namespace,
    };
    const { timestamp, trace } = envelope;
    if (timestamp !== undefined && id === undefined) {
      const forwarded = { ...named, timestamp, event, ...(trace && { trace }) };
      return { kind: 'forward', envelope: forwarded };
    }
    const time = timestamp && nanosFromTimestamp(timestamp);
    return published({ ...named, event, id: id ?? '', time, trace });
  } catch (error) {
    if (error instanceof FoghornError) return error;
    throw error;
  }
}

interface Published {
  readonly topic: string;
  readonly namespace: string;
  readonly event: EncodedAny | undefined;
  /** '' for an event that is never a duplicate. */
  readonly id: string;
  readonly time: bigint | undefined;
  readonly trace: TraceContext | undefined;
}

export function published({ topic, namespace, event, id, time, trace }: Published): NewEvent {
  const publishId = Buffer.from(id, 'utf8');
  return {
    kind: 'publish',
    topic,
    namespace,
    event,
    publishId,
    ...(time !== undefined && { time }),
    ...(trace && { trace }),
  };
}

export function encodedAny(any: Any): EncodedAny {
  return readEncodedAny(Any.encode(any).finish());
}
