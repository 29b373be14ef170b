import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import { FoghornError } from '../../protocol/errors.js';
import { RateLimit } from '../log/rate-limit.js';
import { ContainerdClient } from './containerd-client.js';
import { RelayQueue, type QueuedEvent } from './relay-queue.js';

/** Waits between attempts to reach containerd, which grow from the first to the last. */
const RETRY_MS = { first: 50, last: 2000 };
const ANSWER_MS = 10_000;

export interface RelayOptions {
  /** Path of containerd's ttrpc socket. */
  readonly socketPath: string;
  /** Age from which on an event is not passed on any more, in milliseconds. */
  readonly withinMs: number;
  /** Directory of the queue, for this relay alone. */
  readonly directory: string;
}

/**
 * Passes events on to containerd, in order, so that its own subscribers miss nothing that shims
 * publish here. Events wait in a queue while containerd is away, and it may receive one twice after
 * a crash. One request at a time: containerd handles requests of a connection concurrently, so more
 * would reach its subscribers in another order.
 */
export class Relay {
  readonly #closing = new AbortController();
  #client: ContainerdClient | undefined;
  #work: Promise<void> | undefined;
  /** Counts since containerd went away. */
  #outage: { tooOld: number } | undefined;

  readonly #refusals = new RateLimit();

  #queue: RelayQueue | undefined;
  #opening: Promise<RelayQueue> | undefined;

  private constructor(
    private readonly options: RelayOptions,
    private readonly log: Logger,
  ) {}

  /** Passes on what an earlier process left in the queue. Throws FoghornError. */
  static async start(options: RelayOptions, log: Logger): Promise<Relay> {
    const relay = new Relay(options, log);
    // Most brokers never get an event from a shim, so they need no queue.
    if (await RelayQueue.exists(options.directory)) await relay.#open();
    return relay;
  }

  /** Opens the queue when it is first needed. */
  async #open(): Promise<RelayQueue> {
    this.#opening ??= RelayQueue.open(this.options.directory);
    try {
      return this.#use(await this.#opening);
    } catch (cause) {
      this.#opening = undefined;
      const text = `cannot open the relay's queue in ${this.options.directory}`;
      const reason = (cause as Error).message;
      throw new FoghornError('FAILED_PRECONDITION', `${text}: ${reason}`, { cause });
    }
  }

  #use(queue: RelayQueue): RelayQueue {
    if (this.#queue !== undefined) return queue;
    this.#queue = queue;
    queue.onAdded(() => {
      this.#wake(queue);
    });
    if (!queue.isEmpty) this.#wake(queue);
    return queue;
  }

  /**
   * Resolves when the events are in the queue.
   *
   * @param requests encoded ForwardRequests
   */
  async add(requests: readonly Buffer[]): Promise<void> {
    if (requests.length === 0) return;
    const queue = await this.#open();
    try {
      await queue.add(Date.now(), requests);
    } catch (cause) {
      const reason = (cause as Error).message;
      throw new FoghornError('RESOURCE_EXHAUSTED', `the relay cannot queue events: ${reason}`, {
        cause,
      });
    }
  }

  /** Stops after the request under way. The rest stays in the queue. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#work;
    this.#client?.close();
    await this.#queue?.close();
  }

  #wake(queue: RelayQueue): void {
    if (this.#work !== undefined || this.#closing.signal.aborted) return;
    this.#work = this.#passOnAll(queue).finally(() => {
      this.#work = undefined;
      if (!queue.isEmpty) this.#wake(queue);
    });
  }

  async #passOnAll(queue: RelayQueue): Promise<void> {
    let retryMs = RETRY_MS.first;
    while (!this.#closing.signal.aborted) {
      try {
        const event = await queue.oldest();
        if (event === undefined) return;
        await this.#passOn(event);
        await queue.remove(event.end);
        retryMs = RETRY_MS.first;
      } catch (error) {
        this.#fail(error as Error);
        await setTimeout(retryMs, undefined, this.#closing).catch(() => {});
        retryMs = Math.min(2 * retryMs, RETRY_MS.last);
      }
    }
  }

  /** Resolves when containerd has the event or must not get it any more. */
  async #passOn({ time, data }: QueuedEvent): Promise<void> {
    if (data === undefined) {
      this.log.error('relay: the queue is damaged, and what it had for containerd is lost');
      return;
    }
    if (Date.now() - time > this.options.withinMs) {
      this.#beginOutage().tooOld += 1;
      return;
    }
    try {
      this.#client ??= await ContainerdClient.connect(this.options.socketPath);
      await this.#client.forward(data, ANSWER_MS);
    } catch (error) {
      if (!(error instanceof FoghornError) || error.retryable) throw error;
      this.#refusals.pass((leftOut) => {
        this.log.warn(leftOut, `relay: containerd refused an event: ${error.message}`);
      });
    }
    this.#endOutage();
  }

  #fail(error: Error): void {
    this.#client?.close();
    this.#client = undefined;
    if (this.#outage !== undefined) return;
    this.#beginOutage();
    const { socketPath } = this.options;
    this.log.warn(`relay: containerd at ${socketPath} is away, its events wait: ${error.message}`);
  }

  #beginOutage(): { tooOld: number } {
    return (this.#outage ??= { tooOld: 0 });
  }

  #endOutage(): void {
    if (this.#outage === undefined) return;
    const { tooOld } = this.#outage;
    this.#outage = undefined;
    const dropped = tooOld === 0 ? '' : `; ${tooOld} events were too old for it (--relay-within)`;
    this.log.info(`relay: containerd takes events again${dropped}`);
  }
}
