import type { ClientStatus } from '../../client/index.js';

/** Reports a lost connection once, however many attempts follow, and its return once. */
export class ConnectionNotes {
  #lost = false;

  constructor(
    /** Name of the peer, for example `the broker`. */
    private readonly peer: string,
    private readonly say: (text: string) => void,
  ) {}

  /** A listener for the `onStatus` option of a client. */
  readonly status = (status: ClientStatus): void => {
    // A broker that could not store events for a while may keep the connection.
    if (status.state === 'connected' || status.state === 'drained') this.connected();
    if (status.state === 'disconnected') this.disconnected(status.error);
  };

  disconnected(error: Error): void {
    if (!this.#lost) this.say(`no connection to ${this.peer} (${error.message}); retrying`);
    this.#lost = true;
  }

  connected(): void {
    if (this.#lost) this.say(`${this.peer} is back`);
    this.#lost = false;
  }
}
