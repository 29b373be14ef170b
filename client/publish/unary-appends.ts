import { Metadata } from '@grpc/grpc-js';
import { FoghornError } from '../../protocol/errors.js';
import { AppendRequest, type NewEvent } from '../../protos/gen/foghorn/v1/history.js';
import type { Connection } from '../transport/connection.js';
import { unaryCall } from '../transport/unary-call.js';
import type { AppendMessage } from './append-message.js';
import { ANSWER_TIMEOUT } from './append-call.js';
import type { AppendOutcome } from '../../protocol/wire/append-response.js';

/**
 * Sends events by containerd's own calls to a peer without Append. Calls run one at a time, because
 * concurrent ones may overtake each other.
 */
export class UnaryAppends {
  #last: Promise<unknown> = Promise.resolve();
  readonly #closing = new AbortController();

  constructor(private readonly connection: Connection) {}

  /**
   * Resolves with one outcome for each event. After the peer became unavailable it does not try the
   * rest: a later event must not be stored before an earlier one that is sent again.
   */
  send({ bytes }: AppendMessage): Promise<AppendOutcome[]> {
    const outcomes = this.#last.then(() => this.#sendAll(AppendRequest.decode(bytes).events));
    this.#last = outcomes;
    return outcomes;
  }

  /** Cancels the calls under way; they end with CANCELLED. */
  close(): void {
    this.#closing.abort();
  }

  async #sendAll(events: readonly NewEvent[]): Promise<AppendOutcome[]> {
    const outcomes: AppendOutcome[] = [];
    let away: FoghornError | undefined;
    for (const event of events) {
      const outcome = away ?? (await this.#send(event));
      if (outcome instanceof FoghornError && outcome.retryable) away = outcome;
      outcomes.push(outcome);
    }
    return outcomes;
  }

  async #send({ event }: NewEvent): Promise<AppendOutcome> {
    try {
      if (event?.$case === 'publish') {
        const { topic, event: payload, namespace } = event.value;
        const metadata = new Metadata();
        metadata.set('containerd-namespace', namespace);
        await this.#call(({ events }, options, callback) =>
          events.publish({ topic, event: payload }, metadata, options, callback),
        );
      } else {
        const envelope = event?.value;
        await this.#call(({ events }, options, callback) =>
          events.forward({ envelope }, new Metadata(), options, callback),
        );
      }
      return { kind: 'stored', cursor: '', duplicate: false };
    } catch (error) {
      if (error instanceof FoghornError) return error;
      // The event fits no request, for example because no header can carry its namespace.
      return new FoghornError('INVALID_ARGUMENT', (error as Error).message, { cause: error });
    }
  }

  #call(start: Parameters<typeof unaryCall<unknown>>[2]): Promise<unknown> {
    const limits = { signal: this.#closing.signal, timeout: ANSWER_TIMEOUT };
    return unaryCall(this.connection, limits, start);
  }
}
