import type { RequestedEnvelope } from '../../protocol/wire/event-requests.js';
import type { Caller } from '../access/caller.js';
import { Intake, type PublishedEvent } from './accept.js';
import { inTrace } from './event-trace.js';
import type { EventTracing, TraceableEvent } from './event-tracing.js';

/** Makes the intake of a broker, which follows events where there is tracing. */
export function openIntake(
  tracing: EventTracing | undefined,
  ...parts: ConstructorParameters<typeof Intake>
): Intake {
  return tracing === undefined ? new Intake(...parts) : new TracedIntake(tracing, ...parts);
}

/** Takes single events, each within the span of its publish. */
class TracedIntake extends Intake {
  constructor(
    private readonly tracing: EventTracing,
    ...parts: ConstructorParameters<typeof Intake>
  ) {
    super(...parts);
  }

  override publish(caller: Caller, event: PublishedEvent): Promise<unknown> {
    return this.#follow(event, (traced) => super.publish(caller, traced));
  }

  override forward(caller: Caller, envelope: RequestedEnvelope | undefined): Promise<unknown> {
    if (envelope === undefined) return super.forward(caller, envelope);
    return this.#follow(envelope, (traced) => super.forward(caller, traced));
  }

  async #follow<Event extends TraceableEvent>(
    event: Event,
    store: (event: Event) => Promise<unknown>,
  ): Promise<unknown> {
    const span = this.tracing.published(event);
    try {
      const stored = await store(inTrace(event, span.trace));
      span.stored();
      return stored;
    } catch (error) {
      span.failed(error);
      throw error;
    }
  }
}
