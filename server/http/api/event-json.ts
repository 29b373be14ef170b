import { cloudEvent, cloudEventJson } from '../../../protocol/cloud-event.js';
import { eventJson } from '../../../protocol/event-json.js';
import type { PayloadTypes } from '../../../protocol/payload-types.js';
import { timestampFromNanos } from '../../../protocol/timestamp.js';
import type { EventView } from '../../events/event-view.js';

/** Writes events as JSON. Subscriptions share the view of an entry, and so its text. */
export class EventJson {
  readonly #texts = {
    foghorn: new WeakMap<EventView, string>(),
    cloudevents: new WeakMap<EventView, string>(),
  };

  constructor(private readonly types: PayloadTypes) {}

  /** One line of JSON without a newline. */
  text(view: EventView, asCloudEvent: boolean): string {
    const texts = asCloudEvent ? this.#texts.cloudevents : this.#texts.foghorn;
    let text = texts.get(view);
    if (text === undefined)
      texts.set(view, (text = JSON.stringify(this.object(view, asCloudEvent))));
    return text;
  }

  object(view: EventView, asCloudEvent: boolean): Readonly<Record<string, unknown>> {
    const entry = {
      cursor: view.cursor,
      timestamp: timestampFromNanos(view.timestamp),
      namespace: view.namespace,
      topic: view.field(['topic']) ?? '',
      event: view.payload,
      trace: view.trace,
    };
    return asCloudEvent
      ? cloudEventJson(cloudEvent(entry, this.types))
      : eventJson(entry, this.types);
  }
}
