import type { CallLimits } from '../transport/unary-call.js';
import type { Publication, Receipt, TracedEnvelope } from './publication.js';

export interface NamedPublication extends Publication {
  readonly namespace: string;
}

/** Takes a client's events: to the broker directly, or into its spool first. */
export interface EventSink {
  publish(publication: NamedPublication, limits: CallLimits): Promise<Receipt>;
  forward(envelope: TracedEnvelope, limits: CallLimits): Promise<Receipt>;
  close(): Promise<void>;
}
