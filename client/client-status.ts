import type { FoghornError } from '../protos/errors.js';
import type { ReadStatus } from './read-options.js';

/** What a client tells about the way of the events that are published with it. */
export type ClientStatus =
  /** The connection that events are sent over stands, or is lost and will be tried again. */
  | ReadStatus
  /** Events are kept in the spool from now on, because the broker cannot have them. */
  | { readonly state: 'spooling'; readonly error: FoghornError }
  /** The spool is empty; this client has stored so many of the events that had to wait there. */
  | { readonly state: 'drained'; readonly count: number }
  /** The broker refused an event of the spool for what it is; it is dropped, since it can never be stored. */
  | { readonly state: 'refused'; readonly topic: string; readonly error: FoghornError };

export type TellStatus = (status: ClientStatus) => void;
