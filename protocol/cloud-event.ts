import type { Entry } from '../protos/gen/foghorn/v1/history.js';
import { payloadContent } from './event-json.js';
import type { PayloadTypes } from './payload-types.js';
import { formatRfc3339 } from './rfc3339.js';
import { traceMembers } from './trace-context.js';

/** The type of an event without a payload. */
const NO_PAYLOAD = 'foghorn.event';

/**
 * An entry in CloudEvents' JSON format (version 1.0). The id is the entry's cursor, the type that
 * of the payload, the subject its container; namespace, topic and trace are extensions. A payload
 * of unknown type has its bytes in `data_base64`.
 */
export function cloudEventJson(
  { cursor, timestamp, namespace, topic, event, trace }: Entry,
  container: string | undefined,
  types: PayloadTypes,
): Readonly<Record<string, unknown>> {
  const time = timestamp && formatRfc3339(timestamp, 'nine');
  return {
    specversion: '1.0',
    id: cursor,
    source: `/namespaces/${encodeURIComponent(namespace)}`,
    type: typeOf(event),
    ...(container !== undefined && { subject: container }),
    ...(time !== undefined && { time }),
    ...(event && dataOf(event, types)),
    namespace,
    topic,
    ...traceMembers(trace),
  };
}

function typeOf(event: Entry['event']): string {
  return event === undefined || event.typeUrl === '' ? NO_PAYLOAD : event.typeUrl;
}

function dataOf(
  event: NonNullable<Entry['event']>,
  types: PayloadTypes,
): Readonly<Record<string, unknown>> {
  const data = payloadContent(event, types);
  if (data !== undefined) return { datacontenttype: 'application/json', data };
  const bytes = Buffer.from(event.value).toString('base64');
  return { datacontenttype: 'application/protobuf', data_base64: bytes };
}
