import type { Any } from '../../protos/gen/google/protobuf/any.js';

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
  /**
   * In the history, as durably as the store promises. The cursor is its place, or that of the first one if
   * it was there already; empty when the peer keeps no history, as containerd.
   */
  | { readonly kind: 'stored'; readonly cursor: string; readonly duplicate: boolean }
  /** In the client's spool, flushed to disk, until the broker has it. */
  | { readonly kind: 'spooled' };
