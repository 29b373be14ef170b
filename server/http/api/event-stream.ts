import type { ServerResponse } from 'node:http';
import type { EntrySubscription } from '../../broker/broker.js';
import type { Gap, SubscriptionMessage } from '../../broker/subscription-message.js';
import type { EventView } from '../../events/event-view.js';
import { writable } from '../writable.js';
import type { EventJson } from './event-json.js';
import type { EventsQuery } from './event-query.js';

/** How the messages of a subscription are written. */
interface StreamForm {
  readonly contentType: string;
  readonly head: string;
  event(json: string, cursor: string): string;
  /** Everything but an event: `live`, `gap` or `end`, with the cursor to resume after. */
  sign(kind: string, body: object, cursor: string): string;
  /** Says that the stream goes on, and where a reader would resume. */
  heartbeat(cursor: string): string;
}

/** Time until a browser connects again, in ms. */
const RETRY_MS = 1000;

const SSE: StreamForm = {
  contentType: 'text/event-stream',
  head: `retry: ${RETRY_MS}\n\n`,
  // A kept exit has no cursor to resume after, and leaves the browser's last id as it is.
  event: (json, cursor) =>
    cursor === '' ? `data: ${json}\n\n` : `id: ${cursor}\ndata: ${json}\n\n`,
  sign: (kind, body, cursor) =>
    `event: ${kind}\n${idLine(cursor)}data: ${JSON.stringify(body)}\n\n`,
  // A browser takes the id of a message without data, and dispatches nothing.
  heartbeat: (cursor) => `: heartbeat\n${idLine(cursor)}\n`,
};

const NDJSON: StreamForm = {
  contentType: 'application/x-ndjson',
  head: '',
  event: (json) => `${json}\n`,
  sign: (kind, body) => `${JSON.stringify({ [kind]: body })}\n`,
  heartbeat: (cursor) => `${JSON.stringify({ heartbeat: { cursor } })}\n`,
};

function idLine(cursor: string): string {
  return cursor === '' ? '' : `id: ${cursor}\n`;
}

/**
 * Writes a subscription to a client until it ends or the client has gone. It takes from the
 * subscription at the client's pace.
 *
 * @param past events to send before those of the subscription
 */
export async function streamEvents(
  response: ServerResponse,
  subscription: EntrySubscription,
  { form, asCloudEvents, heartbeatMs }: EventsQuery,
  past: readonly EventView[],
  json: EventJson,
): Promise<void> {
  const stream = form === 'sse' ? SSE : NDJSON;
  subscription.onEvicted = () => {
    response.destroy();
  };
  response.writeHead(200, { 'Content-Type': stream.contentType, 'X-Accel-Buffering': 'no' });
  const lines = (views: readonly EventView[], areKept: boolean): string =>
    views
      .map((view) => stream.event(json.text(view, asCloudEvents), areKept ? '' : view.cursor))
      .join('');
  response.flushHeaders();
  const head = stream.head + lines(past, false);
  if (head !== '') response.write(head);
  const heart = setInterval(() => {
    // A client with unread data needs no sign of life.
    if (!response.writableNeedDrain) response.write(stream.heartbeat(subscription.position.cursor));
  }, heartbeatMs);
  try {
    for await (const message of subscription) {
      const text =
        message.kind === 'entries'
          ? lines(message.entries, message.keptExits)
          : signText(stream, message);
      if (text === '') continue;
      heart.refresh();
      if (!response.write(text)) await writable(response);
    }
  } finally {
    clearInterval(heart);
  }
  response.end();
}

function signText(
  stream: StreamForm,
  message: Exclude<SubscriptionMessage, { kind: 'entries' }>,
): string {
  const { kind } = message;
  if (kind === 'progress') return stream.heartbeat(message.cursor);
  if (kind === 'caught up') return stream.sign('live', { cursor: message.cursor }, message.cursor);
  if (kind === 'gap') return stream.sign('gap', gapJson(message), message.to);
  const { reason, cursor } = message;
  // A reader of a broker that restarts just connects again.
  return reason === 'shutdown' ? '' : stream.sign('end', { reason, cursor }, cursor);
}

/** A gap as clients see it. */
export function gapJson({ reason, from, to, lostAtMost }: Gap): object {
  return { reason, from, to, lost_at_most: lostAtMost };
}
