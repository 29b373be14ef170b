import type { IncomingHttpHeaders } from 'node:http';
import { FoghornError } from '../../../protocol/errors.js';
import { traceContext, TRACEPARENT } from '../../../protocol/trace-context.js';
import { inCallTrace, newEventIn } from '../../broker/event-trace.js';
import { MAX_EVENTS_AT_ONCE, type AppendedEvents, type NewEvent } from '../../broker/append.js';
import { errorBody, sendJson } from '../answer.js';
import { readBody } from '../read-body.js';
import type { HttpRequest } from '../route.js';
import type { HttpApi } from './api.js';
import { isCloudEvent, parseCloudEvents } from './cloud-events.js';
import { eventFromJson, parseJson } from './event-from-json.js';
import { checkNames, invalidQuery } from './query.js';

/** Limit of one request: its events are in memory at once. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** The events of a request. A request of one event is answered for that event. */
interface PublishBody {
  readonly events: readonly (NewEvent | FoghornError)[];
  readonly isSingle: boolean;
}

/**
 * POST /v1/events: stores one event or several, next to each other and in order. An event that is
 * refused affects no other.
 */
export async function publishEvents(api: HttpApi, request: HttpRequest): Promise<void> {
  const { message, response, query } = request;
  checkNames(query, ['namespace']);
  const body = await readBody(message, MAX_BODY_BYTES);
  const { events: parsed, isSingle } = await parseBody(api, request, body);
  const events = inTraceOf(message.headers, parsed);
  if (events.length > MAX_EVENTS_AT_ONCE) {
    throw invalidQuery('body', `at most ${MAX_EVENTS_AT_ONCE} events, got ${events.length}`);
  }
  const { results, cursors } = await api.broker.append(request.caller, events);
  const answers = results.map((result) => answerOf(result, cursors));
  const [first] = results;
  if (isSingle && first instanceof FoghornError) throw first;
  if (isSingle) {
    sendJson(response, answers[0]);
    return;
  }
  const allFailed = results.length > 0 && results.every((one) => one instanceof FoghornError);
  const status = allFailed && first instanceof FoghornError ? first.httpStatus : 200;
  sendJson(response, { results: answers }, status);
}

function answerOf(
  result: AppendedEvents['results'][number],
  cursors: AppendedEvents['cursors'],
): object {
  if (result instanceof FoghornError) return errorBody(result);
  const { offset, fingerprint, duplicate } = result;
  return { cursor: cursors.cursor(offset, fingerprint), duplicate };
}

/** An event that names no trace itself belongs to that of its request. */
function inTraceOf(
  headers: IncomingHttpHeaders,
  events: PublishBody['events'],
): PublishBody['events'] {
  const { tracestate } = headers;
  const state = Array.isArray(tracestate) ? tracestate.join(',') : tracestate;
  const trace = traceContext(headers[TRACEPARENT], state);
  return events.map((event) => newEventIn(event, trace, inCallTrace));
}

async function parseBody(
  { types }: HttpApi,
  { message, query }: HttpRequest,
  body: Buffer,
): Promise<PublishBody> {
  const namespace = query.get('namespace') ?? undefined;
  const { headers } = message;
  if (isCloudEvent(headers)) return parseCloudEvents(headers, body, namespace, types);
  const contentType = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (contentType !== 'application/json') {
    throw invalidQuery(
      'Content-Type',
      'application/json, application/cloudevents+json, application/cloudevents-batch+json, or ce- headers',
      contentType ?? '',
    );
  }
  const json = parseJson(body);
  const isSingle = !Array.isArray(json);
  const all: readonly unknown[] = isSingle ? [json] : json;
  return { isSingle, events: all.map((one) => eventFromJson(one, namespace, types)) };
}
