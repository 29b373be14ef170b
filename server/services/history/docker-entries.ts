import type { Broker } from '../../broker/broker.js';
import type { MessageSource } from '../../broker/message-source.js';
import type { Subscription } from '../../broker/subscription.js';
import { DockerView } from '../../docker/docker-view.js';
import type { ShownEvent } from '../../docker/shown-event.js';
import type { EventView } from '../../events/event-view.js';
import { encodeDockerEvent } from '../../../protocol/wire/entry.js';
import type { EncodedEntry } from '../../../protocol/wire/read-response.js';
import { IteratedSource } from './iterated-source.js';
import type { EncodedMessage } from './read-response.js';

/**
 * Size at which encoded entries are delivered before the rest is encoded. A label may be long, and
 * is repeated in all events of its container.
 */
const CHUNK_BYTES = 1024 * 1024;

/** A subscription's messages, each entry with its event as Docker clients see it. */
export function dockerEntries(
  subscription: Subscription,
  broker: Broker,
): MessageSource<EncodedMessage> {
  return new IteratedSource(withDockerEvents(subscription, new DockerView(broker)), () => {
    subscription.close();
  });
}

async function* withDockerEvents(
  subscription: Subscription,
  docker: DockerView,
): AsyncGenerator<EncodedMessage, void, undefined> {
  for await (const message of subscription) {
    if (message.kind !== 'entries') yield message;
    else {
      const { kind, entries, keptExits } = message;
      for await (const chunk of encoded(entries, docker)) yield { kind, entries: chunk, keptExits };
    }
  }
}

/** The entries in order, in chunks that are never empty. */
async function* encoded(
  entries: readonly EventView[],
  docker: DockerView,
): AsyncGenerator<EncodedEntry[], void, undefined> {
  let chunk: EncodedEntry[] = [];
  let size = 0;
  for (const entry of entries) {
    const event = await docker.next(entry);
    const shown = event === undefined ? entry : withDockerEvent(entry, event);
    chunk.push(shown);
    size += shown.wireBytes;
    if (size < CHUNK_BYTES) continue;
    yield chunk;
    chunk = [];
    size = 0;
  }
  if (chunk.length > 0) yield chunk;
}

function withDockerEvent(entry: EventView, event: ShownEvent): EncodedEntry {
  const field = encodeDockerEvent(event.json('deprecated'));
  return {
    wireBytes: entry.wireBytes + field.length,
    writeWire(into, at) {
      entry.writeWire(into, at);
      into.set(field, at + entry.wireBytes);
    },
  };
}
