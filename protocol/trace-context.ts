import type { TraceContext } from '../protos/gen/foghorn/v1/trace.js';

export type { TraceContext };

/** The names of the two texts in gRPC metadata, HTTP headers and attributes of CloudEvents. */
export const TRACEPARENT = 'traceparent';
export const TRACESTATE = 'tracestate';

/** Version, trace id, parent id and flags; later versions may add to the text. */
const FORM =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-[ -~]*)?$/;
const FIRST_VERSION = '00';
const MAX_TRACEPARENT_LENGTH = 128;
const TRACESTATE_FORM = /^[ -~]{1,512}$/;

/**
 * The trace context in two texts, as W3C Trace Context defines them; undefined where the first is
 * missing or malformed. A tracestate that is malformed or too long is left out.
 */
export function traceContext(traceparent: unknown, tracestate: unknown): TraceContext | undefined {
  if (typeof traceparent !== 'string' || traceparent.length > MAX_TRACEPARENT_LENGTH) {
    return undefined;
  }
  const found = FORM.exec(traceparent);
  if (found === null || (found[1] === FIRST_VERSION && found[5] !== undefined)) return undefined;
  const isState = typeof tracestate === 'string' && TRACESTATE_FORM.test(tracestate);
  return { traceparent, tracestate: isState ? tracestate : '' };
}

/** The parts of a traceparent that `traceContext` has accepted. */
export interface TraceparentParts {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

/** @param traceparent one that `traceContext` has accepted */
export function partsOf(traceparent: string): TraceparentParts {
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-');
  return { traceId, spanId, traceFlags: parseInt(flags, 16) };
}

/**
 * The id of a trace for a line of a log; none where the traceparent is missing or malformed.
 *
 * @param traceparent text of a caller
 */
export function traceIdField(traceparent: unknown): { readonly traceId?: string } {
  const trace = traceContext(traceparent, undefined);
  return trace === undefined ? {} : { traceId: partsOf(trace.traceparent).traceId };
}

/** The members that JSON and CloudEvents have for a trace; none where there is no trace. */
export function traceMembers(trace: TraceContext | undefined): Partial<TraceContext> {
  if (trace === undefined) return {};
  const { traceparent, tracestate } = trace;
  return tracestate === '' ? { traceparent } : { traceparent, tracestate };
}
