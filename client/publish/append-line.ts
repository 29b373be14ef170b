import { FoghornError } from '../../protocol/errors.js';
import type { Connection } from '../transport/connection.js';
import type { AppendMessage } from './append-message.js';
import { AppendCall } from './append-call.js';
import type { AppendOutcome } from '../../protocol/wire/append-response.js';
import { UnaryAppends } from './unary-appends.js';

/**
 * Sends a client's events over one Append stream at a time, opened when there is something to send.
 * For a peer without Append it falls back to containerd's own calls.
 */
export class AppendLine {
  #stream: AppendCall | undefined;
  #unary: UnaryAppends | undefined;

  /** @param onConnected called each time that a stream's connection is established */
  constructor(
    private readonly connection: Connection,
    private readonly onConnected: () => void,
  ) {}

  /** Whether messages go out at once. */
  get connected(): boolean {
    return this.#unary !== undefined || (this.#stream?.connected ?? false);
  }

  /**
   * Resolves with one outcome for each event, in the order of the calls. When the stream is cut,
   * rejects all calls under way with a FoghornError; their events may or may not be stored.
   */
  async send(message: AppendMessage): Promise<AppendOutcome[]> {
    if (this.#unary) return this.#unary.send(message);
    try {
      return await this.#openStream().send(message);
    } catch (error) {
      if (!(error instanceof FoghornError) || error.code !== 'UNIMPLEMENTED') throw error;
      this.#unary ??= new UnaryAppends(this.connection);
      return this.#unary.send(message);
    }
  }

  /** Closes everything and rejects calls under way with this error. */
  close(error: FoghornError): void {
    this.#stream?.end(error);
    this.#unary?.close();
  }

  #openStream(): AppendCall {
    if (!this.#stream || this.#stream.over) {
      this.#stream = new AppendCall(this.connection, this.onConnected);
    }
    return this.#stream;
  }
}
