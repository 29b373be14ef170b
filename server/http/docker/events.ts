import { HISTORY_HEADER } from '../../../protocol/docker-event.js';
import { isOlder } from '../../docker/api-version.js';
import { eventStreamFormat } from '../../docker/content-type.js';
import type { EventFilters } from '../../docker/event-filters.js';
import { parseEventQuery, type EventQuery } from '../../docker/event-query.js';
import { historyEpoch, openEventStream } from '../../docker/event-stream.js';
import { parseLibpodQuery } from '../../docker/libpod-query.js';
import type { LineForm } from '../../docker/shown-event.js';
import type { ApiRequest, DockerApi } from './api.js';
import { EventWriter } from './event-writer.js';

/** GET /events: headers at once, then one chunk for each event. */
export function sendEvents(api: DockerApi, request: ApiRequest): Promise<void> {
  const { version, parameters } = request;
  const asked = parseEventQuery(parameters, api.source.clock());
  const hidesImageCreate = isOlder(version, '1.46');
  const query = hidesImageCreate ? { ...asked, filters: withoutImageCreate(asked.filters) } : asked;
  return streamEvents(api, request, query, isOlder(version, '1.52') ? 'deprecated' : 'modern');
}

/** GET /libpod/events, for Podman's own clients. */
export function sendLibpodEvents(api: DockerApi, request: ApiRequest): Promise<void> {
  const query = parseLibpodQuery(request.parameters, api.source.clock());
  return streamEvents(api, request, query, 'libpod');
}

async function streamEvents(
  { source }: DockerApi,
  { message, response, caller, version, gone }: ApiRequest,
  query: EventQuery,
  form: LineForm,
): Promise<void> {
  const format = eventStreamFormat(version, message.headers.accept);
  const evict = (): void => void response.destroy();
  const events = await openEventStream(source, caller, query, gone, evict);
  const { withCursors, heartbeat } = query;
  // Docker clients get dockerd's headers, and no others.
  if (message.headers[HISTORY_HEADER] !== undefined) {
    response.setHeader(HISTORY_HEADER, await historyEpoch(source));
  }
  const writer = new EventWriter(response, { form, format, withCursors, heartbeat });
  try {
    for await (const batch of events) await writer.write(batch);
  } finally {
    writer.close();
  }
  writer.end();
}

/** Clients before API 1.46 do not know that images are created. */
function withoutImageCreate(filters: EventFilters): EventFilters {
  return {
    ...filters,
    matches: (event) =>
      !(event.type === 'image' && event.action === 'create') && filters.matches(event),
  };
}
