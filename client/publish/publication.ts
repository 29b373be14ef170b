import type { Any } from '../../protos/gen/google/protobuf/any.js';
import type { Stored } from '../../protocol/wire/append-response.js';

/** An event to be stored with the time of its publication. */
export interface Publication {
  /** Path such as `/tasks/exit`. */
  readonly topic: string;
  readonly event?: Any | undefined;
  /** Instead of the client's namespace. */
  readonly namespace?: string | undefined;
}

/** Where a published event is. */
export type Receipt =
  | Stored
  /** In the client's spool, flushed to disk, until the broker has it. */
  | { readonly kind: 'spooled' };
