import type { ServerDuplexStream } from '@grpc/grpc-js';
import { once } from 'node:events';
import type { Logger } from 'pino';
import { FoghornError } from '../../../protocol/errors.js';
import type { NewEvent } from '../../broker/append.js';
import type { Broker } from '../../broker/broker.js';
import type { AppendRequest } from '../../grpc/append-request.js';
import { encodeAppendResponse } from '../../grpc/append-response.js';
import { firstValue } from '../../grpc/first-value.js';
import { statusOf } from '../../grpc/status.js';

/** What one publisher may have under way: enough to keep the store busy, and a bound of what it can make the broker hold. */
const IN_FLIGHT = { requests: 256, bytes: 8 * 1024 * 1024 };

/** What one message may have: its answer fits into 16 MiB, and the events in it do not keep everybody else waiting for long. */
const MAX_EVENTS = 65_536;

type AppendCall = ServerDuplexStream<AppendRequest, Buffer>;

/**
 * Stores what a publisher sends, as it comes, and answers in order. A publisher that is ahead of the store, or does not
 * take its answers, is not read from until it is no longer. When the broker drains, what was read is answered and
 * the stream ends with OK: the publisher sends again elsewhere what has no answer.
 */
export class AppendStream {
  #requests = 0;
  #bytes = 0;
  #ending = false;
  /** Resolves when everything taken so far is answered. */
  #answered: Promise<void> = Promise.resolve();
  readonly #gone = new AbortController();
  readonly #namespace: string | undefined;

  constructor(
    private readonly call: AppendCall,
    private readonly broker: Broker,
    private readonly log: Logger,
  ) {
    this.#namespace = firstValue(call.metadata, 'containerd-namespace');
    const leave = (): void => {
      this.#gone.abort();
      broker.drained.removeEventListener('abort', this.#end);
    };
    call.once('cancelled', leave);
    call.once('close', leave);
    call.on('error', leave);
    call.on('data', this.#take);
    call.once('end', this.#end);
    broker.drained.addEventListener('abort', this.#end, { once: true });
    if (broker.drained.aborted) this.#end();
  }

  readonly #take = (request: AppendRequest): void => {
    if (this.#ending) return;
    if (request.events.length > MAX_EVENTS) {
      this.#fail(tooMany(request.events.length));
      return;
    }
    this.#requests += 1;
    this.#bytes += request.bytes;
    if (this.#isFull()) this.call.pause();
    const response = this.#store(request);
    // It may fail while the ones before it are still under way, and nobody waits for it yet.
    response.catch(() => {});
    this.#answered = this.#answered.then(async () => {
      await this.#write(await response);
      this.#requests -= 1;
      this.#bytes -= request.bytes;
      if (!this.#isFull()) this.call.resume();
    });
    this.#answered.catch(this.#fail);
  };

  async #store({ events }: AppendRequest): Promise<Buffer> {
    const namespace = this.#namespace;
    const named = namespace ? events.map((event) => inNamespace(event, namespace)) : events;
    return encodeAppendResponse(await this.broker.append(named));
  }

  async #write(response: Buffer): Promise<void> {
    const { signal } = this.#gone;
    if (signal.aborted || this.call.write(response)) return;
    // A stream that was cancelled never drains.
    await once(this.call, 'drain', { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  readonly #end = (): void => {
    if (this.#ending) return;
    this.#ending = true;
    void this.#answered.then(
      () => this.call.end(),
      () => {},
    );
  };

  readonly #fail = (error: unknown): void => {
    if (this.#gone.signal.aborted) return;
    this.#ending = true;
    this.#gone.abort();
    this.call.emit('error', statusOf(error, this.log));
  };

  #isFull(): boolean {
    return this.#requests >= IN_FLIGHT.requests || this.#bytes >= IN_FLIGHT.bytes;
  }
}

function tooMany(events: number): FoghornError {
  return new FoghornError(
    'INVALID_ARGUMENT',
    `expected at most ${MAX_EVENTS} events in a message, got ${events}`,
  );
}

/** A publication that names no namespace of its own is in its stream's. */
function inNamespace(event: NewEvent | FoghornError, namespace: string): NewEvent | FoghornError {
  if (event instanceof FoghornError || event.kind === 'forward' || event.namespace) return event;
  return { ...event, namespace };
}
