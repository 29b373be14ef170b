import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { CloudEventV1 } from 'cloudevents';
import { FoghornError } from '../../../protocol/errors.js';
import {
  anyFromJson,
  expectObject,
  invalid,
  timestampFromJson,
} from '../../../protocol/payload-json.js';
import type { PayloadTypes } from '../../../protocol/payload-types.js';
import { traceContext, TRACEPARENT, TRACESTATE } from '../../../protocol/trace-context.js';
import { nanosFromTimestamp } from '../../../protocol/timestamp.js';
import type { NewEvent } from '../../broker/append.js';
import { encodedAny, parseJson, published } from './event-from-json.js';

/*
 * CloudEvents 1.0 in HTTP's structured, batched and binary modes. The type is that of the payload,
 * and the extension `topic` is required; the extension `namespace` names the namespace. The time is
 * kept. An event is recognized by source and id, so that sending it again stores nothing.
 */

type Unchecked = Readonly<Record<string, unknown>>;

export function isCloudEvent(headers: IncomingHttpHeaders): boolean {
  const type = headers['content-type']?.toLowerCase() ?? '';
  return type.startsWith('application/cloudevents') || headers['ce-specversion'] !== undefined;
}

/** Rejects with INVALID_ARGUMENT for a body without an event; other faults are those of events. */
export async function parseCloudEvents(
  headers: IncomingHttpHeaders,
  body: Buffer,
  namespace: string | undefined,
  types: PayloadTypes,
): Promise<{ readonly events: readonly (NewEvent | FoghornError)[]; readonly isSingle: boolean }> {
  // Loaded with the first CloudEvent, because most brokers never see one.
  const { CloudEvent, HTTP } = await import('cloudevents');
  const contentType = headers['content-type']?.toLowerCase() ?? '';
  const isBatch = contentType.startsWith('application/cloudevents-batch');
  const toEvent = (make: () => CloudEventV1<unknown>): NewEvent | FoghornError => {
    try {
      return eventOf(make(), namespace, types);
    } catch (error) {
      if (error instanceof FoghornError) return error;
      return new FoghornError('INVALID_ARGUMENT', `CloudEvent: ${problemOf(error)}`);
    }
  };
  if (!contentType.startsWith('application/cloudevents')) {
    const binary = (): CloudEventV1<unknown> => {
      checkIdentity({ id: headers['ce-id'], source: headers['ce-source'] });
      const found = HTTP.toEvent({ headers, body: isJson(contentType) ? body.toString() : body });
      return new CloudEvent(found as CloudEventV1<unknown>);
    };
    return { events: [toEvent(binary)], isSingle: true };
  }
  const json = parseJson(body);
  if (isBatch && !Array.isArray(json)) throw invalid('body', 'an array of CloudEvents');
  const all = isBatch ? (json as readonly unknown[]) : [json];
  const structured = (one: unknown) => () => {
    const attributes = expectObject(one, 'CloudEvent');
    checkIdentity(attributes);
    return new CloudEvent(attributes);
  };
  return { events: all.map((one) => toEvent(structured(one))), isSingle: !isBatch };
}

/** The package would invent an id, and the event would never be a duplicate. */
function checkIdentity(attributes: Unchecked): void {
  for (const name of ['id', 'source']) {
    if (textOf(attributes, name) === undefined) throw invalid(`CloudEvent: ${name}`, 'a text');
  }
}

function eventOf(
  event: CloudEventV1<unknown>,
  defaultNamespace: string | undefined,
  types: PayloadTypes,
): NewEvent {
  const { id, source, type, time } = event;
  const topic = textOf(event, 'topic');
  if (topic === undefined)
    throw invalid('topic', 'the extension attribute "topic", such as /tasks/exit');
  const namespace = textOf(event, 'namespace') ?? defaultNamespace ?? '';
  return published({
    topic,
    namespace,
    event: encodedAny(payloadOf(event, type, types)),
    // The two together may be longer than an id of a publication.
    id: createHash('sha256').update(`${source}\0${id}`).digest('hex'),
    time: time === undefined ? undefined : timeOf(time),
    trace: traceContext(event[TRACEPARENT], event[TRACESTATE]),
  });
}

function payloadOf(
  { data, data_base64: base64 }: CloudEventV1<unknown>,
  type: string,
  types: PayloadTypes,
): { readonly typeUrl: string; readonly value: Buffer } {
  if (base64 !== undefined)
    return anyFromJson({ type_url: type, value: base64 }, 'data_base64', types);
  if (data instanceof Uint8Array) return { typeUrl: type, value: Buffer.from(data) };
  const fields = expectObject(data ?? {}, 'data');
  return anyFromJson({ ...fields, '@type': type }, 'data', types);
}

function timeOf(time: string): bigint {
  return nanosFromTimestamp(timestampFromJson(time, 'time'));
}

function textOf(event: Unchecked, name: string): string | undefined {
  const value = event[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw invalid(name, 'a string', value);
}

function isJson(contentType: string): boolean {
  return /^application\/(?:[\w.-]+\+)?json\b/.test(contentType);
}

function problemOf(error: unknown): string {
  const { message, errors } = error as { message: string; errors?: readonly unknown[] };
  const details = errors?.map((one) =>
    typeof one === 'object' && one !== null ? JSON.stringify(one) : String(one),
  );
  return [message, ...(details ?? [])].join('; ').slice(0, 500);
}
