import type { Entry } from '../../client/index.js';
import { unpack } from '../../client/index.js';
import type { PayloadTypes } from '../../protocol/payload-types.js';
import { formatRfc3339 } from '../../protocol/rfc3339.js';
import { payloadJson } from '../../protocol/event-json.js';

/** Formats an entry as a CloudEvent in JSON, in one line. Its id is the entry's cursor. */
export function cloudEventJson(entry: Entry, types: PayloadTypes): string {
  const { cursor, timestamp, namespace, topic, event } = entry;
  return JSON.stringify({
    specversion: '1.0',
    id: cursor,
    source: `/namespaces/${namespace}`,
    type: event === undefined ? topic.slice(1) : event.typeUrl.replace(/^.*\//, ''),
    subject: subjectOf(entry),
    time: timestamp && formatRfc3339(timestamp, 'needed'),
    topic,
    datacontenttype: 'application/json',
    data: event && payloadJson(event, types),
  });
}

/** The container that one of containerd's events is about. */
function subjectOf({ event }: Entry): string | undefined {
  const payload = unpack(event)?.value as { containerId?: string; id?: string } | undefined;
  return payload?.containerId ?? payload?.id;
}
