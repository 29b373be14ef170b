import type { FoghornError } from '../protocol/errors.js';
import type { ReadStatus } from './read/read-options.js';

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

/**
 * Tells a listener in a turn of its own, so that one that throws does not disturb what goes on here, and of every
 * stream's connection only what is news.
 */
export function statusTeller(onStatus: TellStatus = () => {}): TellStatus {
  let connected = false;
  return (status) => {
    if (status.state === 'connected' && connected) return;
    if (status.state === 'connected' || status.state === 'disconnected') {
      connected = status.state === 'connected';
    }
    queueMicrotask(() => {
      onStatus(status);
    });
  };
}
