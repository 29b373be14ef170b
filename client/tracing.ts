import type { Tracer } from '@opentelemetry/api';
import { openTelemetry, type OpenTelemetry } from '../protocol/open-telemetry.js';
import { contextOf, eventAttributes, traceOf } from '../protocol/span-context.js';
import type { TraceContext } from '../protocol/trace-context.js';
import { version } from '../protocol/version.js';
import type { EventDelivery } from './consume/delivery.js';
import type { TracedEnvelope } from './publish/publication.js';

/** Connects events with the spans of a program that has an SDK of OpenTelemetry. */
export class ClientTracing {
  readonly #tracer: Tracer;

  private constructor(private readonly telemetry: OpenTelemetry) {
    this.#tracer = telemetry.trace.getTracer('foghorn-client', version());
  }

  /** Undefined for a program without an SDK. */
  static open(): ClientTracing | undefined {
    const telemetry = openTelemetry();
    return telemetry && new ClientTracing(telemetry);
  }

  /** The trace of the span that is active; undefined for none. */
  current(): TraceContext | undefined {
    const span = this.telemetry.trace.getActiveSpan();
    return span && traceOf(this.telemetry, span.spanContext());
  }

  /** An envelope in the trace of the active span, unless it names one itself. */
  complete(envelope: TracedEnvelope): TracedEnvelope {
    const trace = envelope.trace ?? this.current();
    return trace === undefined ? envelope : { ...envelope, trace };
  }

  /** Handles a delivery within a span that continues the trace of its event. */
  async process(delivery: EventDelivery, handle: () => Promise<void> | void): Promise<void> {
    const { context, trace, SpanKind, SpanStatusCode } = this.telemetry;
    const { topic, namespace, cursor, trace: kept } = delivery.entry;
    const parent = contextOf(this.telemetry, kept);
    const attributes = {
      ...eventAttributes({ namespace, topic }, 'process'),
      'messaging.message.id': cursor,
    };
    const span = this.#tracer.startSpan('process', { kind: SpanKind.CONSUMER, attributes }, parent);
    if (span.isRecording()) delivery.continueIn(traceOf(this.telemetry, span.spanContext()));
    try {
      await context.with(trace.setSpan(parent, span), handle);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message });
      throw error;
    } finally {
      span.end();
    }
  }
}
