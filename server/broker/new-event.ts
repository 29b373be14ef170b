import type { FoghornError } from '../../protocol/errors.js';
import type { RequestedEnvelope } from '../../protocol/wire/event-requests.js';
import type { CursorWriter } from '../events/cursor.js';
import type { Appended } from '../history/store.js';
import type { PublishedEvent } from './accept.js';

/** An event to be stored. */
export type NewEvent =
  | ({
      readonly kind: 'publish';
      /** When the event happened, ns since 1970; undefined for now. */
      readonly time?: bigint;
    } & PublishedEvent)
  | { readonly kind: 'forward'; readonly envelope: RequestedEnvelope | undefined };

/** The results of an append. */
export interface AppendedEvents {
  /** One for each event, in order: its offset, or why it was refused. */
  readonly results: readonly (Appended | FoghornError)[];
  /** Write cursors of the history in which the events were stored. */
  readonly cursors: CursorWriter;
}
