import { traceMembers } from '../../../protocol/trace-context.js';
import type { DescribedEvent } from './described-event.js';

/** A request body and its header fields. */
export interface WebhookContent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An event as CloudEvents 1.0: attributes and data in one JSON object, or apart in headers. */
export function cloudEvent(event: DescribedEvent, mode: 'structured' | 'binary'): WebhookContent {
  const data = JSON.parse(event.json) as unknown;
  const attributes = {
    specversion: '1.0',
    id: event.cursor,
    source: `/foghorn/${encodeURIComponent(event.namespace)}`,
    type: event.type === '' ? event.topic : event.type,
    ...(event.container !== '' && { subject: event.container }),
    ...(event.time !== '' && { time: event.time }),
    topic: event.topic,
    namespace: event.namespace,
    delivery: event.attempt,
    ...traceMembers(event.trace),
  };
  if (mode === 'structured') {
    return {
      headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
      body: JSON.stringify({ ...attributes, datacontenttype: 'application/json', data }),
    };
  }
  const headers = Object.entries(attributes).map(([name, value]): [string, string] => [
    `ce-${name}`,
    headerText(`${value}`),
  ]);
  return {
    headers: { ...Object.fromEntries(headers), 'content-type': 'application/json' },
    body: JSON.stringify(data),
  };
}

/** Percent-encodes what the HTTP binding of CloudEvents does not allow in a header. */
function headerText(value: string): string {
  return value.replace(/[^\x21-\x7e]|["%]/gu, (char) => encodeURIComponent(char));
}
