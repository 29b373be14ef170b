import { connect, FoghornError } from '../../../client/index.js';
import type { Client, ClientSecurity, Envelope } from '../../../client/index.js';
import { refusalText } from '../../connection/spool-notes.js';

/** A client and the spool that it publishes through. */
interface SpoolingClient {
  readonly client: Client;
  readonly directory: string;
}

interface ReporterOptions {
  readonly address: string;
  readonly security: ClientSecurity;
  /** Milliseconds that the broker has to answer when there is no spool. */
  readonly reportTimeout: number;
}

/** Publishes the events of a process in order; the process never waits for the broker. */
export class Reporter {
  readonly #address: string;
  readonly #reportTimeout: number;
  readonly #security: ClientSecurity;
  readonly #say: (text: string) => void;
  readonly #spooling: Promise<SpoolingClient>;
  /** Publishes without a spool, if the spool cannot be used. */
  #direct: Client | undefined;
  #complaint = '';

  /** @param spool resolves with the directory of the spool, or rejects if it cannot be used */
  constructor(
    { address, security, reportTimeout }: ReporterOptions,
    spool: Promise<string>,
    say: (text: string) => void,
  ) {
    this.#address = address;
    this.#reportTimeout = reportTimeout;
    this.#security = security;
    this.#say = say;
    this.#spooling = spool.then((directory) => ({ directory, client: this.#connect(directory) }));
    // A failure surfaces in `report`; until then it must not count as unhandled.
    this.#spooling.catch(() => {});
  }

  /**
   * Resolves when the broker or the spool has the event. Never rejects, because the command must go
   * on: failures are printed.
   */
  async report(envelope: Envelope): Promise<void> {
    try {
      const { client, directory } = await this.#spooling;
      const { kind } = await client.forward(envelope);
      if (kind === 'spooled' && envelope.topic === '/tasks/exit') {
        this.#say(`cannot reach the broker; the exit is kept in ${directory} until it is back`);
      }
    } catch (error) {
      // The client's status has reported the refusal.
      if (error instanceof FoghornError && error.code === 'INVALID_ARGUMENT') return;
      this.#complain((error as Error).message);
      await this.#reportDirectly(envelope);
    }
  }

  /** Closes the clients; never rejects. */
  async close(): Promise<void> {
    const spooling = await this.#spooling.catch(() => undefined);
    await Promise.allSettled([spooling?.client.close(), this.#direct?.close()]);
  }

  #connect(directory: string): Client {
    return connect({
      address: this.#address,
      ...this.#security,
      spool: directory,
      onStatus: (status) => {
        if (status.state === 'refused') this.#say(refusalText(status));
      },
    });
  }

  #complain(complaint: string): void {
    if (complaint !== this.#complaint)
      this.#say(`cannot use the spool, publishing without it: ${complaint}`);
    this.#complaint = complaint;
  }

  async #reportDirectly(envelope: Envelope): Promise<void> {
    try {
      this.#direct ??= connect({ address: this.#address, ...this.#security });
      await this.#direct.forward(envelope, { timeout: this.#reportTimeout });
    } catch (error) {
      this.#say(`lost the event ${envelope.topic}: ${(error as Error).message}`);
    }
  }
}
