import type { Entry } from '../protos/gen/foghorn/v1/history.js';
import { payloadContent } from './event-json.js';
import type { PayloadTypes } from './payload-types.js';
import { formatRfc3339 } from './rfc3339.js';
import { traceMembers } from './trace-context.js';

/** The type of an event without a payload. */
const NO_PAYLOAD = 'foghorn.event';

/** An event as CloudEvents 1.0 has it, whatever the format. */
export interface CloudEvent {
  /** The context attributes without `datacontenttype`. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Undefined for an event without a payload. */
  readonly data: CloudEventData | undefined;
}

type CloudEventData =
  | { readonly kind: 'json'; readonly contentType: string; readonly value: unknown }
  /** The payload's bytes, because its type is unknown. */
  | { readonly kind: 'bytes'; readonly contentType: string; readonly value: Uint8Array };

/**
 * An entry as a CloudEvent. The id is the entry's cursor, the type that of the payload, the subject
 * its container; namespace, topic and trace are extensions. The data is the payload.
 */
export function cloudEvent(
  { cursor, timestamp, namespace, topic, event, trace }: Entry,
  types: PayloadTypes,
): CloudEvent {
  const time = timestamp && formatRfc3339(timestamp, 'nine');
  const data = event && dataOf(event, types);
  const type = event?.typeUrl === '' ? undefined : event?.typeUrl;
  const subject = type === undefined ? undefined : subjectOf(type, data);
  return {
    attributes: {
      specversion: '1.0',
      id: cursor,
      source: `/namespaces/${encodeURIComponent(namespace)}`,
      type: type ?? NO_PAYLOAD,
      ...(subject !== undefined && { subject }),
      ...(time !== undefined && { time }),
      namespace,
      topic,
      ...traceMembers(trace),
    },
    data,
  };
}

/** A CloudEvent in the JSON format. */
export function cloudEventJson({
  attributes,
  data,
}: CloudEvent): Readonly<Record<string, unknown>> {
  if (data === undefined) return attributes;
  const { contentType: datacontenttype, value } = data;
  return data.kind === 'json'
    ? { ...attributes, datacontenttype, data: value }
    : { ...attributes, datacontenttype, data_base64: Buffer.from(data.value).toString('base64') };
}

function dataOf(event: NonNullable<Entry['event']>, types: PayloadTypes): CloudEventData {
  const value = payloadContent(event, types);
  return value === undefined
    ? { kind: 'bytes', contentType: 'application/protobuf', value: event.value }
    : { kind: 'json', contentType: 'application/json', value };
}

/** Types whose events are about a container, or another object of an engine. */
const ABOUT_CONTAINERS = /(?:^|\/)(?:containerd\.events\.(?:Container|Task)|foghorn\.v1\.)\w+$/;

/** Fields of these types that hold its id, in the order in which they count. */
const ID_FIELDS = ['container_id', 'actor_id', 'id'];

function subjectOf(type: string, data: CloudEventData | undefined): string | undefined {
  if (data?.kind !== 'json' || !ABOUT_CONTAINERS.test(type)) return undefined;
  const fields = data.value as Readonly<Record<string, unknown>>;
  const ids = ID_FIELDS.map((name) => fields[name]);
  return ids.find((id): id is string => typeof id === 'string' && id !== '');
}
