import type { FoghornError } from '../protocol/errors.js';
import type { ReadStatus } from './read/read-options.js';

/** The state of the connection and the spool that events are published through. */
export type ClientStatus =
  /** The connection is established, or is lost and will be tried again. */
  | ReadStatus
  /** Events wait in the spool from now on, because the broker cannot store them. */
  | { readonly state: 'spooling'; readonly error: FoghornError }
  /** The spool is empty; `count` waiting events were stored by this client. */
  | { readonly state: 'drained'; readonly count: number }
  /**
   * The broker refused an event of the spool as invalid. It is dropped, because it can never be
   * stored.
   */
  | { readonly state: 'refused'; readonly topic: string; readonly error: FoghornError };

export type ReportStatus = (status: ClientStatus) => void;

/**
 * Wraps a listener: calls it in a microtask, so that one that throws does no harm here, and leaves
 * out repeated states of the connection.
 */
export function statusReporter(onStatus: ReportStatus = () => {}): ReportStatus {
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
