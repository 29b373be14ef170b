import type { Context, Span, Tracer } from '@opentelemetry/api';
import type { Logger } from 'pino';
import type { Clock } from '../../protocol/clock.js';
import { FoghornError } from '../../protocol/errors.js';
import { openTelemetry, type OpenTelemetry } from '../../protocol/open-telemetry.js';
import { contextOf, eventAttributes, traceOf } from '../../protocol/span-context.js';
import { version } from '../../protocol/version.js';
import type { TraceContext } from '../../protocol/trace-context.js';
import type { EventTracing, PublishSpan, TraceableEvent } from '../broker/event-tracing.js';
import type { EventView } from '../events/event-view.js';

const TRACER = 'foghorn';
const MICROS = 1000n;

/** Undefined for a process without an SDK of OpenTelemetry. */
export function openTracing(clock: Clock, log: Logger): EventTracing | undefined {
  const telemetry = openTelemetry();
  if (telemetry === undefined) return undefined;
  log.info('tracing by the OpenTelemetry SDK of this process');
  return new EventSpans(telemetry, version(), clock);
}

/**
 * Follows events by spans of OpenTelemetry: `publish`, `store` within it, and a `deliver` for each
 * reader. An event is kept with the context of its publish, so that a program that reacts to it
 * continues the trace there.
 */
class EventSpans implements EventTracing {
  readonly #tracer: Tracer;

  constructor(
    private readonly telemetry: OpenTelemetry,
    version: string,
    private readonly clock: Clock,
  ) {
    this.#tracer = telemetry.trace.getTracer(TRACER, version);
  }

  published(event: TraceableEvent): PublishSpan {
    const { trace, SpanKind } = this.telemetry;
    const parent = contextOf(this.telemetry, event.trace);
    const span = this.#tracer.startSpan(
      'publish',
      { kind: SpanKind.SERVER, attributes: eventAttributes(event, 'publish') },
      parent,
    );
    return new OpenPublish(this.telemetry, this.#tracer, span, trace.setSpan(parent, span), event);
  }

  delivered(events: readonly EventView[], openedAt: bigint): void {
    for (const event of events) {
      const { trace } = event;
      if (trace !== undefined) this.#delivered(event, trace, openedAt);
    }
  }

  /** The span begins when the event could be delivered: it was stored, and the reader there. */
  #delivered(event: EventView, trace: TraceContext, openedAt: bigint): void {
    const { storedAt, namespace, cursor } = event;
    const begin = storedAt > openedAt ? storedAt : openedAt;
    const now = this.clock();
    const topic = event.field(['topic']) ?? '';
    const span = this.#tracer.startSpan(
      'deliver',
      {
        kind: this.telemetry.SpanKind.PRODUCER,
        startTime: timeOf(begin < now ? begin : now),
        attributes: {
          ...eventAttributes({ namespace, topic }, 'deliver'),
          'messaging.message.id': cursor,
        },
      },
      contextOf(this.telemetry, trace),
    );
    span.end(timeOf(now));
  }
}

class OpenPublish implements PublishSpan {
  readonly trace: TraceContext | undefined;
  readonly #begun = Date.now();

  constructor(
    private readonly telemetry: OpenTelemetry,
    private readonly tracer: Tracer,
    private readonly span: Span,
    private readonly context: Context,
    { trace }: TraceableEvent,
  ) {
    // One that is not recorded adds nothing to the trace of its publisher.
    this.trace = span.isRecording() ? traceOf(telemetry, span.spanContext()) : trace;
  }

  stored(): void {
    const startTime = this.#begun;
    this.tracer.startSpan('store', { startTime }, this.context).end();
    this.span.end();
  }

  failed(error: unknown): void {
    const { SpanStatusCode } = this.telemetry;
    const message = error instanceof FoghornError ? error.message : 'internal error';
    if (error instanceof FoghornError) this.span.setAttribute('error.type', error.code);
    this.span.setStatus({ code: SpanStatusCode.ERROR, message });
    this.span.end();
  }
}

/** Seconds and nanoseconds, as spans take times. */
function timeOf(nanos: bigint): [number, number] {
  const micros = nanos / MICROS;
  return [Number(micros / 1_000_000n), Number(micros % 1_000_000n) * 1000];
}
