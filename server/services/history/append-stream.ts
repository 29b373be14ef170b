import { setImmediate } from 'node:timers/promises';
import { FoghornError } from '../../../protocol/errors.js';
import type { TraceContext } from '../../../protocol/trace-context.js';
import type { Caller } from '../../access/caller.js';
import { MAX_EVENTS_AT_ONCE, type NewEvent } from '../../broker/append.js';
import type { Broker } from '../../broker/broker.js';
import { inCallTrace, newEventIn } from '../../broker/event-trace.js';
import type { DecodedAppendRequest } from '../../../protocol/wire/append-request.js';
import { encodeAppendResponse, encodeInSlices } from '../../../protocol/wire/append-response.js';
import type { Call, RequestHandler, ResponseStream } from '../service.js';

/**
 * Limits of one publisher's unanswered requests: they keep the store busy, and bound the broker's
 * memory.
 */
const IN_FLIGHT = { requests: 256, bytes: 8 * 1024 * 1024 };

/** Events of a large message that are decoded or answered at once. */
const SLICE_EVENTS = 1024;

/**
 * Time for which a publisher above its quota is held back. One that has to wait longer is refused,
 * before it takes its broker for dead.
 */
const MAX_PAUSE_MS = 2000;

/**
 * Limit of one message: its response fits into 16 MiB, and other calls do not wait long for its
 * events.
 */
const MAX_EVENTS = 65_536;

/**
 * Stores a publisher's events as they arrive, and answers in order. Requests stop flowing while
 * the publisher is too far ahead of the store, does not take its responses, or has used up its
 * quota. When the broker drains, the requests that have arrived are answered and the stream ends
 * with OK; the publisher sends the unanswered ones to another broker.
 */
export class AppendStream implements RequestHandler<DecodedAppendRequest> {
  #requests = 0;
  #bytes = 0;
  /** Large messages under way; those behind them wait, which keeps the order. */
  #large = 0;
  #ending = false;
  /** Runs while the caller's quota holds the requests back, since `#pausedSince`. */
  #pause: NodeJS.Timeout | undefined;
  #pausedSince = 0;
  /** Resolves when everything taken so far is answered. */
  #answered: Promise<void> = Promise.resolve();
  readonly #namespace: string | undefined;
  readonly #trace: TraceContext | undefined;
  readonly #caller: Caller;

  constructor(
    call: Call,
    private readonly responses: ResponseStream,
    private readonly broker: Broker,
  ) {
    this.#namespace = call.metadata('containerd-namespace');
    this.#trace = call.trace;
    this.#caller = call.caller;
    const { drained } = broker;
    drained.addEventListener('abort', this.#end, { once: true });
    call.signal.addEventListener('abort', () => {
      drained.removeEventListener('abort', this.#end);
      clearTimeout(this.#pause);
    });
    if (drained.aborted) this.end();
    this.#heedQuota();
  }

  take(request: DecodedAppendRequest): void {
    if (this.#ending) return;
    if (request.count > MAX_EVENTS) {
      this.#fail(tooMany(request.count));
      return;
    }
    try {
      this.#caller.quota?.checkIn();
    } catch (error) {
      // Later requests must not overtake this one, which the publisher sends again. They stay with
      // the publisher, because to decode and drop them would cost others as much as to store them.
      this.responses.pause();
      this.#ending = true;
      void this.#answered.then(() => {
        this.#fail(error);
      }, this.#fail);
      return;
    }
    this.#requests += 1;
    this.#bytes += request.bytes;
    const large = request.count > MAX_EVENTS_AT_ONCE ? 1 : 0;
    const response =
      this.#large === 0 ? this.#store(request) : this.#answered.then(() => this.#store(request));
    this.#large += large;
    if (this.#isFull()) this.responses.pause();
    this.#heedQuota();
    // It may fail while earlier ones are still under way, when nothing awaits it yet.
    response.catch(() => {});
    this.#answered = this.#answered.then(async () => {
      await this.responses.send(await response);
      this.#requests -= 1;
      this.#bytes -= request.bytes;
      this.#large -= large;
      this.#resume();
    });
    this.#answered.catch(this.#fail);
  }

  /** Stops the flow of requests while the caller's quota admits none, if that is not for long. */
  #heedQuota(): void {
    if (this.#caller.quota === undefined || this.#pause !== undefined) return;
    this.#pausedSince = performance.now();
    this.#pauseForQuota();
  }

  #pauseForQuota(): void {
    const left = this.#pausedSince + MAX_PAUSE_MS - performance.now();
    const pauseMs = this.#caller.quota?.pauseInMs(left) ?? 0;
    if (pauseMs === 0 || this.#ending) return;
    this.responses.pause();
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#pauseForQuota();
      this.#resume();
    }, pauseMs);
  }

  #resume(): void {
    if (this.#pause === undefined && !this.#ending && !this.#isFull()) this.responses.resume();
  }

  async #store(request: DecodedAppendRequest): Promise<Buffer> {
    if (request.count > MAX_EVENTS_AT_ONCE) return this.#storeInSlices(request);
    const events = this.#events(request, 0, request.count);
    return encodeAppendResponse(await this.broker.append(this.#caller, events));
  }

  /** Decodes and answers many events without blocking other callers. */
  async #storeInSlices(request: DecodedAppendRequest): Promise<Buffer> {
    const events: (NewEvent | FoghornError)[] = [];
    for (let from = 0; from < request.count; from += SLICE_EVENTS) {
      events.push(...this.#events(request, from, from + SLICE_EVENTS));
      await setImmediate();
    }
    const appended = await this.broker.append(this.#caller, events);
    const parts: Buffer[] = [];
    for (const part of encodeInSlices(appended, SLICE_EVENTS)) {
      parts.push(part);
      await setImmediate();
    }
    return Buffer.concat(parts);
  }

  #events(request: DecodedAppendRequest, from: number, to: number) {
    const namespace = this.#namespace;
    const trace = this.#trace;
    const events = request.events(from, to);
    if (!namespace && trace === undefined) return events;
    return events.map((event) => newEventIn(inNamespace(event, namespace), trace, inCallTrace));
  }

  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    clearTimeout(this.#pause);
    void this.#answered.then(
      () => {
        this.responses.end();
      },
      () => {},
    );
  }

  readonly #end = (): void => {
    this.end();
  };

  readonly #fail = (error: unknown): void => {
    this.#ending = true;
    clearTimeout(this.#pause);
    this.responses.fail(error);
  };

  #isFull(): boolean {
    if (this.#large > 0) return true;
    return this.#requests >= IN_FLIGHT.requests || this.#bytes >= IN_FLIGHT.bytes;
  }
}

function tooMany(events: number): FoghornError {
  return new FoghornError(
    'INVALID_ARGUMENT',
    `expected at most ${MAX_EVENTS} events in a message, got ${events}`,
  );
}

/** A publication without a namespace of its own is in its stream's. */
function inNamespace(
  event: NewEvent | FoghornError,
  namespace: string | undefined,
): NewEvent | FoghornError {
  if (!namespace || event instanceof FoghornError || event.kind === 'forward') return event;
  return event.namespace ? event : { ...event, namespace };
}
