import { FoghornError } from '../../protocol/errors.js';
import type { AppendedEvents, NewEvent } from './new-event.js';
import { inTrace, newEventIn } from './event-trace.js';
import type { EventTracing, PublishSpan } from './event-tracing.js';

type Events = readonly (NewEvent | FoghornError)[];

/** Stores events, each within the span of its publish. One that is an error has none. */
export async function storeEachInSpan(
  tracing: EventTracing,
  events: Events,
  store: (events: Events) => Promise<AppendedEvents>,
): Promise<AppendedEvents> {
  const spans = events.map((event) => begin(tracing, event));
  const traced = events.map((event, index) => newEventIn(event, spans[index]?.trace, inTrace));
  try {
    const stored = await store(traced);
    spans.forEach((span, index) => {
      const result = stored.results[index];
      if (result instanceof FoghornError) span?.failed(result);
      else span?.stored();
    });
    return stored;
  } catch (error) {
    for (const span of spans) span?.failed(error);
    throw error;
  }
}

function begin(tracing: EventTracing, event: NewEvent | FoghornError): PublishSpan | undefined {
  if (event instanceof FoghornError) return undefined;
  if (event.kind === 'publish') return tracing.published(event);
  return event.envelope && tracing.published(event.envelope);
}
