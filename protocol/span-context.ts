import type { Attributes, Context, SpanContext } from '@opentelemetry/api';
import type { OpenTelemetry } from './open-telemetry.js';
import { partsOf, type TraceContext } from './trace-context.js';

/** The context of an event's trace; the one of a new trace where it has none. */
export function contextOf(
  { trace, ROOT_CONTEXT, createTraceState }: OpenTelemetry,
  event: TraceContext | undefined,
): Context {
  if (event === undefined) return ROOT_CONTEXT;
  const { traceparent, tracestate } = event;
  return trace.setSpanContext(ROOT_CONTEXT, {
    ...partsOf(traceparent),
    isRemote: true,
    ...(tracestate !== '' && { traceState: createTraceState(tracestate) }),
  });
}

/** A span's context as it travels; undefined for that of no span. */
export function traceOf(
  { isSpanContextValid }: OpenTelemetry,
  { traceId, spanId, traceFlags, traceState }: SpanContext,
): TraceContext | undefined {
  if (!isSpanContextValid({ traceId, spanId, traceFlags })) return undefined;
  const flags = (traceFlags & 0xff).toString(16).padStart(2, '0');
  return {
    traceparent: `00-${traceId}-${spanId}-${flags}`,
    tracestate: traceState?.serialize() ?? '',
  };
}

/** The attributes of a span in which an operation is done with an event. */
export function eventAttributes(
  { namespace, topic }: { readonly namespace?: string | undefined; readonly topic: string },
  operation: string,
): Attributes {
  return {
    'messaging.system': 'foghorn',
    'messaging.operation.name': operation,
    'messaging.destination.name': topic,
    ...(namespace !== undefined && { 'containerd.namespace': namespace }),
  };
}
