/**
 * A way in: carries services to clients over one protocol. Made by `startServer`, which holds a
 * list of them.
 */
export interface Edge {
  /**
   * Resolves with the address as clients use it, with the real port for port 0. May be called for
   * several addresses. Throws INVALID_ARGUMENT for an address of another form, FAILED_PRECONDITION
   * where it cannot listen.
   */
  listen(address: string): Promise<string>;
  /** Reports to health checks whether events can be stored. */
  reportReady?(isReady: boolean): void;
  /** The broker drains: calls end, while health checks are still answered until `close`. */
  drain?(): void;
  /**
   * Drains: takes no new calls, lets running ones end, and after a few seconds cuts those that
   * have not.
   */
  close(): Promise<void>;
}

/**
 * Called by an edge with each call that has ended; with the calls of a method that ended together.
 *
 * @param method one that the edge offers, never text of a caller
 * @param traceparent the caller's, of a call that has failed, however malformed
 */
export type CountCall = (
  method: string,
  status: number,
  calls?: number,
  traceparent?: unknown,
) => void;
