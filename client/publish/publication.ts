import type { Any } from '../../protos/gen/google/protobuf/any.js';
import type { Stored } from '../../protocol/wire/append-response.js';

/** An event to be stored with the time of its publication. */
export interface Publication {
  /** Path such as `/tasks/exit`. */
  readonly topic: string;
  readonly event?: Any | undefined;
  /** Namespace to use instead of the client's. */
  readonly namespace?: string | undefined;
}

/** The whereabouts of a published event. */
export type Receipt =
  | Stored
  /** The event is in the client's spool, flushed to disk, until the broker has it. */
  | { readonly kind: 'spooled' };
