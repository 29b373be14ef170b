import { sendJson, sendText } from '../answer.js';
import type { HttpRequest, HttpRoute } from '../route.js';
import type { HttpApi } from './api.js';
import { EventJson } from './event-json.js';
import { readPage, type EventPage } from './event-page.js';
import { parseEventsQuery, type EventsQuery } from './event-query.js';
import { streamEvents } from './event-stream.js';
import { publishEvents } from './publish.js';
import { recentEvents } from './recent-events.js';

/** `/v1/events`: reads and publishes events. */
export function eventRoutes(api: HttpApi): readonly HttpRoute[] {
  const json = new EventJson(api.types);
  return [
    {
      method: 'GET',
      path: '/v1/events',
      answer: (request) => sendEvents(api, json, request),
    },
    {
      method: 'POST',
      path: '/v1/events',
      answer: (request) => publishEvents(api, request),
    },
  ];
}

async function sendEvents(api: HttpApi, json: EventJson, request: HttpRequest): Promise<void> {
  const { message, response, query, gone } = request;
  const asked = await parseEventsQuery(api, message, query);
  const { form, options } = asked;
  if (message.method === 'HEAD') {
    sendText(response, 200, 'application/json', '');
    return;
  }
  // The past reaches up to now, so it has to be stored first.
  if (options.stopWhenCaughtUp) {
    await api.recorders.bringUpToDate({ namespace: query.get('namespace') ?? undefined });
  }
  if (form === 'page' || form === 'batch') await sendPage(api, json, request, asked);
  else await sendStream(api, json, request, asked);
  if (gone.aborted) response.destroy();
}

async function sendStream(
  { broker }: HttpApi,
  json: EventJson,
  { response, caller, gone }: HttpRequest,
  asked: EventsQuery,
): Promise<void> {
  const { last, options } = asked;
  if (last === undefined) {
    const subscription = await broker.subscribe(caller, options, gone);
    await streamEvents(response, subscription, asked, [], json);
    return;
  }
  const { views, cursor } = await recentEvents(broker, caller, options, last, gone);
  const start = { kind: 'after', cursor } as const;
  const subscription = await broker.subscribe(caller, { ...options, start }, gone);
  await streamEvents(response, subscription, asked, views, json);
}

async function sendPage(
  { broker }: HttpApi,
  json: EventJson,
  { response, query, caller, gone }: HttpRequest,
  { form, last, options, asCloudEvents }: EventsQuery,
): Promise<void> {
  const page =
    last === undefined
      ? await readPage(await broker.open(caller, options, gone), options.limit)
      : recentPage(await recentEvents(broker, caller, options, last, gone));
  const events = page.views.map((view) => json.object(view, asCloudEvents));
  const next = nextPath(query, page);
  response.setHeader('Link', `<${next}>; rel="next"`);
  if (form === 'batch') {
    const text = `${JSON.stringify(events)}\n`;
    sendText(response, 200, 'application/cloudevents-batch+json', text);
    return;
  }
  const { gaps, cursor, isComplete } = page;
  sendJson(response, { events, gaps, cursor, next, complete: isComplete });
}

function recentPage({ views, cursor }: Pick<EventPage, 'views' | 'cursor'>): EventPage {
  return { views, cursor, gaps: [], lastKept: '', isComplete: true };
}

/** The path of the events after a page. */
function nextPath(query: URLSearchParams, { cursor, lastKept }: EventPage): string {
  const next = new URLSearchParams(query);
  for (const name of ['after', 'kept_exits_after', 'last']) next.delete(name);
  if (cursor === '') next.set('kept_exits_after', lastKept);
  else {
    next.delete('since');
    next.set('after', cursor);
  }
  return `/v1/events?${next.toString()}`;
}
