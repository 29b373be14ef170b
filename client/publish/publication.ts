import type { Any } from '../../protos/gen/google/protobuf/any.js';
import type { TraceContext } from '../../protocol/trace-context.js';
import type { Envelope } from '../../protos/gen/containerd/types/event.js';
import type { Stored } from '../../protocol/wire/append-response.js';

/** An event to be stored with the time of its publication. */
export interface Publication {
  /** Path such as `/tasks/exit`. */
  readonly topic: string;
  readonly event?: Any | undefined;
  /** Namespace to use instead of the client's. */
  readonly namespace?: string | undefined;
  /**
   * The trace that the event belongs to; that of the active span unless given, if the program has
   * an SDK of OpenTelemetry.
   */
  readonly trace?: TraceContext | undefined;
}

/** An envelope to be stored, with the trace that its event belongs to; see `Publication`. */
export type TracedEnvelope = Envelope & { readonly trace?: TraceContext | undefined };

/** The whereabouts of a published event. */
export type Receipt =
  | Stored
  /** The event is in the client's spool, flushed to disk, until the broker has it. */
  | { readonly kind: 'spooled' };
