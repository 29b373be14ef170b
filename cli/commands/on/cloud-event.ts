import { cloudEvent, cloudEventJson } from '../../../protocol/cloud-event.js';
import type { PayloadTypes } from '../../../protocol/payload-types.js';
import type { DescribedEvent } from './described-event.js';

/** A request body and its header fields. */
export interface WebhookContent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/**
 * An event as CloudEvents 1.0, with the extension `delivery`: attributes and data in one JSON
 * object, or apart in headers.
 */
export function webhookContent(
  { entry, attempt: delivery }: DescribedEvent,
  mode: 'structured' | 'binary',
  types: PayloadTypes,
): WebhookContent {
  const event = cloudEvent(entry, types);
  if (mode === 'structured') {
    return {
      headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
      body: JSON.stringify({ ...cloudEventJson(event), delivery }),
    };
  }
  const { attributes, data } = event;
  const headers = Object.entries({ ...attributes, delivery: `${delivery}` }).map(
    ([name, value]): [string, string] => [`ce-${name}`, headerText(value)],
  );
  return {
    headers: {
      ...Object.fromEntries(headers),
      ...(data && { 'content-type': data.contentType }),
    },
    body:
      data?.kind === 'bytes' ? data.value : data === undefined ? '' : JSON.stringify(data.value),
  };
}

/** Percent-encodes what the HTTP binding of CloudEvents does not allow in a header. */
function headerText(value: string): string {
  return value.replace(/[^\x21-\x7e]|["%]/gu, (char) => encodeURIComponent(char));
}
