import type { ClientStatus } from '../../client/index.js';

/** Says once that a connection is lost, however often it is tried again, and once that it is back. */
export class ConnectionNotes {
  #lost = false;

  constructor(
    /** Who is on the other side, for example `the broker`. */
    private readonly peer: string,
    private readonly say: (text: string) => void,
  ) {}

  /** For the `onStatus` of whatever tries again by itself. */
  readonly status = (status: ClientStatus): void => {
    if (status.state === 'connected') this.connected();
    if (status.state === 'disconnected') this.disconnected(status.error);
  };

  disconnected(error: Error): void {
    if (!this.#lost) this.say(`no connection to ${this.peer} (${error.message}); trying again`);
    this.#lost = true;
  }

  connected(): void {
    if (this.#lost) this.say(`${this.peer} is back`);
    this.#lost = false;
  }
}
