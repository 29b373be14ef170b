import { connect, FoghornError } from '../../../client/index.js';
import type { Client, Envelope } from '../../../client/index.js';
import { refusalText } from '../../connection/spool-notes.js';

/** A client and the spool that it publishes through. */
interface Line {
  readonly client: Client;
  readonly directory: string;
}

/** Reports what happens to a process, in order; the process never waits for the broker. */
export class Reporter {
  readonly #address: string;
  readonly #reportTimeout: number;
  readonly #say: (text: string) => void;
  readonly #spooling: Promise<Line>;
  /** For when the spool cannot be used. */
  #direct: Client | undefined;
  #complaint = '';

  /** @param spool resolves with its directory when that can be used */
  constructor(
    { address, reportTimeout }: { readonly address: string; readonly reportTimeout: number },
    spool: Promise<string>,
    say: (text: string) => void,
  ) {
    this.#address = address;
    this.#reportTimeout = reportTimeout;
    this.#say = say;
    this.#spooling = spool.then((directory) => ({ directory, client: this.#connect(directory) }));
    // Whoever reports is told; until then nobody is.
    this.#spooling.catch(() => {});
  }

  /** Resolves when the broker or the spool has it. Never rejects, since the command must go on: what goes wrong is said. */
  async report(envelope: Envelope): Promise<void> {
    try {
      const { client, directory } = await this.#spooling;
      const { kind } = await client.forward(envelope);
      if (kind === 'spooled' && envelope.topic === '/tasks/exit') {
        this.#say(`the broker cannot be reached; the exit is kept in ${directory} until it can`);
      }
    } catch (error) {
      // What the broker refuses is told by the status.
      if (error instanceof FoghornError && error.code === 'INVALID_ARGUMENT') return;
      this.#complain((error as Error).message);
      await this.#reportDirectly(envelope);
    }
  }

  /** Never rejects either. */
  async close(): Promise<void> {
    const line = await this.#spooling.catch(() => undefined);
    await Promise.allSettled([line?.client.close(), this.#direct?.close()]);
  }

  #connect(directory: string): Client {
    return connect({
      address: this.#address,
      spool: directory,
      onStatus: (status) => {
        if (status.state === 'refused') this.#say(refusalText(status));
      },
    });
  }

  #complain(complaint: string): void {
    if (complaint !== this.#complaint) this.#say(`trying without a spool: ${complaint}`);
    this.#complaint = complaint;
  }

  async #reportDirectly(envelope: Envelope): Promise<void> {
    try {
      this.#direct ??= connect({ address: this.#address });
      await this.#direct.forward(envelope, { timeout: this.#reportTimeout });
    } catch (error) {
      this.#say(`${envelope.topic} is lost: ${(error as Error).message}`);
    }
  }
}
