import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { FoghornError } from '../../protocol/errors.js';
import { HistoryService } from '../../protos/gen/foghorn/v1/history.js';
import { connectTimeout, cutError } from '../transport/call-error.js';
import type { Connection, Services } from '../transport/connection.js';
import type { AppendMessage } from './append-message.js';
import { decodeAppendResponse } from '../../protocol/wire/append-response.js';
import type { AppendOutcome } from '../../protocol/wire/append-response.js';

/**
 * Milliseconds without an answer to sent events after which the stream is cut: the broker may be
 * stopped, or the connection half open.
 */
export const ANSWER_TIMEOUT = 5000;

/** A sent message without an answer yet. */
interface Sent {
  readonly count: number;
  readonly resolve: (outcomes: AppendOutcome[]) => void;
  readonly reject: (error: FoghornError) => void;
}

/** One Append call. */
export class AppendCall {
  readonly #services: Services;
  readonly #call: ClientDuplexStream<Buffer, AppendOutcome[]>;
  readonly #stopWaiting: () => void;
  #sent: Sent[] = [];
  #connected = false;
  #over = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly connection: Connection,
    onConnected: () => void,
  ) {
    this.#services = connection.services;
    const { path } = HistoryService.append;
    this.#call = this.#services.history.makeBidiStreamRequest(path, asItIs, decodeAppendResponse);
    this.#call.on('data', (outcomes: AppendOutcome[]) => {
      this.#answer(outcomes);
    });
    this.#call.on('error', (error: ServiceError) => {
      this.end(cutError(error, connection.peer));
    });
    this.#call.on('end', () => {
      this.end(new FoghornError('UNAVAILABLE', 'the broker ended the stream'));
    });
    this.#stopWaiting = connection.whenConnected(this.#services, () => {
      this.#connected = true;
      onConnected();
    });
  }

  /** Whether the call is connected, so that messages go out at once. */
  get connected(): boolean {
    return this.#connected && !this.#over;
  }

  /** Whether the call has ended, so that nothing can be sent. */
  get over(): boolean {
    return this.#over;
  }

  /**
   * Resolves with one outcome for each event; rejects with the error that ended the stream before.
   */
  send({ count, bytes }: AppendMessage): Promise<AppendOutcome[]> {
    return new Promise((resolve, reject) => {
      this.#sent.push({ count, resolve, reject });
      if (this.#sent.length === 1) this.#watch();
      this.#call.write(bytes);
    });
  }

  /** Ends the call and rejects all unanswered messages with this error. */
  end(error: FoghornError): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#stopWaiting();
    this.#call.cancel();
    if (error.code === 'UNAVAILABLE') this.connection.replace(this.#services);
    for (const { reject } of this.#sent.splice(0)) reject(error);
  }

  #answer(outcomes: AppendOutcome[]): void {
    const sent = this.#sent.shift();
    if (sent?.count !== outcomes.length) {
      if (sent) this.#sent.unshift(sent);
      const text = `the broker answered ${outcomes.length} events where ${sent?.count ?? 0} were sent`;
      this.end(new FoghornError('INTERNAL', text));
      return;
    }
    this.#watch();
    sent.resolve(outcomes);
  }

  /** Starts the time limit of the next answer. */
  #watch(): void {
    clearTimeout(this.#timer);
    if (this.#sent.length === 0) return;
    this.#timer = setTimeout(() => {
      this.end(
        this.#connected
          ? new FoghornError('UNAVAILABLE', `no answer from the broker in ${ANSWER_TIMEOUT} ms`)
          : connectTimeout(this.connection.peer),
      );
    }, ANSWER_TIMEOUT);
  }
}

function asItIs(bytes: Buffer): Buffer {
  return bytes;
}
