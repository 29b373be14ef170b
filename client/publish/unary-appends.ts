import { Metadata } from '@grpc/grpc-js';
import { FoghornError } from '../../protocol/errors.js';
import { AppendRequest, type NewEvent } from '../../protos/gen/foghorn/v1/history.js';
import type { Connection } from '../transport/connection.js';
import { unaryCall } from '../transport/unary-call.js';
import type { AppendMessage } from './append-message.js';
import { ANSWER_TIMEOUT } from './append-call.js';
import type { AppendOutcome } from '../../protocol/wire/append-response.js';

/**
 * Sends events by containerd's own calls, to a peer that has no Append. One after the other, because calls
 * that are under way together may overtake each other.
 */
export class UnaryAppends {
  #last: Promise<unknown> = Promise.resolve();
  readonly #closing = new AbortController();

  constructor(private readonly connection: Connection) {}

  /**
   * One outcome for each event. Once the peer is away, the rest is not tried: an event must not
   * be stored before one that is sent again later.
   */
  send({ bytes }: AppendMessage): Promise<AppendOutcome[]> {
    const outcomes = this.#last.then(() => this.#sendAll(AppendRequest.decode(bytes).events));
    this.#last = outcomes;
    return outcomes;
  }

  /** Gives up what is under way, with CANCELLED. */
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
      // What no request can be made of, such as a namespace that no header can carry.
      return new FoghornError('INVALID_ARGUMENT', (error as Error).message, { cause: error });
    }
  }

  #call(start: Parameters<typeof unaryCall<unknown>>[2]): Promise<unknown> {
    const limits = { signal: this.#closing.signal, timeout: ANSWER_TIMEOUT };
    return unaryCall(this.connection, limits, start);
  }
}
