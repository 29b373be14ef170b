import { FoghornError } from '../../protocol/errors.js';
import type { Connection } from '../transport/connection.js';
import type { AppendMessage } from './append-message.js';
import { AppendCall } from './append-call.js';
import type { AppendOutcome } from '../../protocol/wire/append-response.js';
import { UnaryAppends } from './unary-appends.js';

/**
 * A client's way to have events stored: one Append stream at a time, opened when there is something to send. With a peer
 * that turns out to have no Append, containerd's own calls from then on.
 */
export class AppendLine {
  #stream: AppendCall | undefined;
  #unary: UnaryAppends | undefined;

  /** `onConnected` is told each time that a stream's connection stands. */
  constructor(
    private readonly connection: Connection,
    private readonly onConnected: () => void,
  ) {}

  /** Whether what is sent now goes out at once. */
  get connected(): boolean {
    return this.#unary !== undefined || (this.#stream?.connected ?? false);
  }

  /**
   * One outcome for each event, in the order of the calls. Rejects with a FoghornError when the stream is cut,
   * as all calls do that are under way then: whether their events were stored is not known.
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

  /** Lets go of everything; what is under way is rejected with this. */
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
