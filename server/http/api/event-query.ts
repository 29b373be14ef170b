import type { IncomingMessage } from 'node:http';
import type { SubscriptionOptions, SubscriptionStart } from '../../broker/read-options.js';
import { containerKey } from '../../services/history/read-request.js';
import type { HttpApi } from './api.js';
import {
  checkNames,
  invalidQuery,
  parseCount,
  parseDurationParameter,
  parseFlag,
  parseSpan,
} from './query.js';

/** How events are sent: a stream of server-sent events or of lines, or one page. */
export type EventForm = 'sse' | 'ndjson' | 'page' | 'batch';

/** A request for events, checked and complete. */
export interface EventsQuery {
  readonly form: EventForm;
  readonly options: SubscriptionOptions;
  /** Send the newest events that pass the filter, and then what follows; undefined for none. */
  readonly last: number | undefined;
  /** Whether events are sent in CloudEvents' JSON format. */
  readonly asCloudEvents: boolean;
  /** Time between two signs of life, in ms. */
  readonly heartbeatMs: number;
}

const PARAMETERS = [
  'filter',
  'namespace',
  'container',
  'since',
  'until',
  'after',
  'kept_exits_after',
  'last',
  'limit',
  'follow',
  'gaps',
  'format',
  'heartbeat',
];

/** Limits of a page, and of `last`, because their events are in memory at once. */
export const PAGE = { events: 100, maxEvents: 1000 } as const;
const DEFAULT_HEARTBEAT_MS = 15_000;
const MIN_HEARTBEAT_MS = 100;

/** Checks a request for events. Rejects with INVALID_ARGUMENT. */
export async function parseEventsQuery(
  { compiler, clock }: HttpApi,
  message: IncomingMessage,
  query: URLSearchParams,
): Promise<EventsQuery> {
  checkNames(query, PARAMETERS);
  const form = formOf(message.headers.accept ?? '');
  const isPage = form === 'page' || form === 'batch';
  const { since, until } = parseSpan(query, clock());
  const follow = parseFlag(query, 'follow') ?? form === 'sse';
  if (isPage && follow) throw invalidQuery('follow', 'false for a page; accept a stream to follow');
  const maxLimit = isPage ? PAGE.maxEvents : Number.MAX_SAFE_INTEGER;
  const limit = parseCount(query, 'limit', { min: 1, max: maxLimit });
  const recent = parseCount(query, 'last', { min: 1, max: PAGE.maxEvents });
  const last = resumesAfter(message) === '' ? recent : undefined;
  const options = {
    filter: await compiler.compile(filtersOf(query)),
    scope: scopeOf(query),
    start: startOf(message, query, { since, follow }),
    until,
    stopWhenCaughtUp: !follow,
    limit: limit ?? (isPage ? PAGE.events : Infinity),
    onGap: gapRule(query),
    reportsMissedSpans: true,
  };
  const { heartbeatMs, asCloudEvents } = writingOf(query, form);
  return { form, options, last, asCloudEvents, heartbeatMs };
}

function writingOf(
  query: URLSearchParams,
  form: EventForm,
): Pick<EventsQuery, 'asCloudEvents' | 'heartbeatMs'> {
  const format = query.get('format') ?? 'foghorn';
  if (format !== 'foghorn' && format !== 'cloudevents') {
    throw invalidQuery('format', 'foghorn or cloudevents', format);
  }
  const heartbeat = parseDurationParameter(query, 'heartbeat') ?? DEFAULT_HEARTBEAT_MS;
  const heartbeatMs = Math.max(heartbeat, MIN_HEARTBEAT_MS);
  return { asCloudEvents: format === 'cloudevents' || form === 'batch', heartbeatMs };
}

/** The form that the client accepts; a page if it takes anything. */
function formOf(accept: string): EventForm {
  const types = accept.split(',').map((type) => type.split(';')[0]?.trim().toLowerCase());
  for (const type of types) {
    if (type === 'text/event-stream') return 'sse';
    if (type === 'application/x-ndjson' || type === 'application/jsonl') return 'ndjson';
    if (type === 'application/cloudevents-batch+json') return 'batch';
    if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'page';
  }
  if (accept === '') return 'page';
  throw invalidQuery(
    'Accept',
    'text/event-stream, application/x-ndjson, application/json or application/cloudevents-batch+json',
    accept,
  );
}

/** A namespace joins every filter, and several filters are alternatives. */
function filtersOf(query: URLSearchParams): string[] {
  const filters = query.getAll('filter');
  const namespace = query.get('namespace');
  if (namespace === null || query.has('container')) return filters;
  const selector = `namespace==${JSON.stringify(namespace)}`;
  return filters.length === 0 ? [selector] : filters.map((filter) => `${selector},${filter}`);
}

function scopeOf(query: URLSearchParams): SubscriptionOptions['scope'] {
  const containerId = query.get('container');
  if (containerId === null) return undefined;
  const namespace = query.get('namespace');
  if (namespace === null) throw invalidQuery('namespace', 'the namespace of the container');
  return { key: containerKey({ namespace, containerId }), lifecycleOnly: false };
}

/** A browser repeats the whole request when it connects again, and adds the last cursor. */
function resumesAfter({ headers }: IncomingMessage): string {
  return headers['last-event-id']?.toString() ?? '';
}

function startOf(
  message: IncomingMessage,
  query: URLSearchParams,
  { since, follow }: { readonly since: bigint | undefined; readonly follow: boolean },
): SubscriptionStart {
  const lastId = resumesAfter(message);
  const after = lastId === '' ? query.get('after') : lastId;
  const kept = query.get('kept_exits_after');
  const past = kept === null ? {} : { keptExitsAfter: kept };
  const given = ['after', 'since', 'last'].filter((name) => query.has(name));
  if (given.length > 1) throw invalidQuery(given.join(' and '), 'one of them');
  if (after !== null) return { kind: 'after', cursor: after };
  if (since !== undefined) return { kind: 'since', time: since, ...past };
  return follow && !query.has('until') ? { kind: 'now' } : { kind: 'earliest', ...past };
}

function gapRule(query: URLSearchParams): SubscriptionOptions['onGap'] {
  const gaps = query.get('gaps') ?? 'continue';
  if (gaps === 'continue' || gaps === 'fail') return gaps;
  throw invalidQuery('gaps', 'continue or fail', gaps);
}
