import { Metadata } from '@grpc/grpc-js';
import { FoghornError } from '../protocol/errors.js';
import type { DescribeResponse } from '../protos/gen/foghorn/v1/history.js';
import type { Envelope } from '../protos/gen/types/event.js';
import { statusTeller } from './client-status.js';
import type { ClientStatus } from './client-status.js';
import { Connection } from './transport/connection.js';
import { DirectSink } from './publish/direct-sink.js';
import type { EventSink } from './publish/event-sink.js';
import type { Publication, Receipt } from './publish/publication.js';
import { read } from './read/read.js';
import type { ReadMessage } from './read/read-message.js';
import type { ReadOptions } from './read/read-options.js';
import { serverStream } from './transport/server-stream.js';
import type { StreamOptions } from './transport/server-stream.js';
import { SpoolSink } from './spool/spool-sink.js';
import { unaryCall } from './transport/unary-call.js';
import type { CallLimits } from './transport/unary-call.js';
import { wait } from './wait/wait.js';
import type { Exit } from './wait/wait.js';
import type { WaitOptions } from './wait/wait-options.js';

export interface ConnectOptions {
  /** `unix:///path` or `host:port`. */
  readonly address: string;
  /** The containerd namespace of what is published and waited for; `default` unless given. */
  readonly namespace?: string | undefined;
  /** The command that should be listening there, for error texts; `foghorn serve` unless given. */
  readonly daemon?: string | undefined;
  /**
   * A directory, made if it is not there, that keeps events while the broker cannot be reached. Several processes may share one;
   * it belongs to one broker. `maxBytes` limits what waits there; 64 MiB unless given.
   */
  readonly spool?:
    string | { readonly directory: string; readonly maxBytes?: number | undefined } | undefined;
  /** Told what becomes of the connection and the spool that events are published through. */
  readonly onStatus?: ((status: ClientStatus) => void) | undefined;
}

export interface SubscribeOptions extends StreamOptions {
  /** Request metadata, for example `foghorn-after`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * A client of the broker at this address. Nothing is sent before the first call, except what a spool holds from earlier.
 *
 * @throws FoghornError INVALID_ARGUMENT when the address is neither `unix:///path` nor `host:port`.
 */
export function connect(options: ConnectOptions): Client {
  return new Client(options);
}

/** Calls to one broker over one connection; every failure is a FoghornError. */
export class Client {
  readonly #connection: Connection;
  readonly #namespace: string;
  readonly #sink: EventSink;
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(options: ConnectOptions) {
    const { address, namespace = 'default', daemon = 'foghorn serve', spool, onStatus } = options;
    this.#connection = new Connection({ address, daemon });
    this.#namespace = namespace;
    const tell = statusTeller(onStatus);
    this.#sink =
      spool === undefined
        ? new DirectSink(this.#connection, tell)
        : new SpoolSink(
            typeof spool === 'string' ? { directory: spool } : spool,
            this.#connection,
            tell,
          );
  }

  /**
   * Stores an event with the time of its publication. Concurrent calls are sent together and stored in the
   * order of the calls; while the connection is lost, a call is tried again until its time is over, and stored once.
   *
   * Rejects with UNAVAILABLE when the broker was never reached, with DEADLINE_EXCEEDED or CANCELLED when the
   * limits ended the call (the text says whether it is known not to be stored), and with the broker's
   * own error when it refuses the event. With a spool it resolves, once the event is flushed to
   * disk, also when the broker cannot be reached; then it rejects with RESOURCE_EXHAUSTED when the spool is full,
   * and with FAILED_PRECONDITION when its directory cannot be used.
   */
  publish(
    { namespace = this.#namespace, topic, event }: Publication,
    limits: CallLimits = {},
  ): Promise<Receipt> {
    return this.#sink.publish({ namespace, topic, event }, limits);
  }

  /**
   * Stores an event with the time and namespace of its envelope, otherwise as `publish`. The same envelope
   * (namespace, topic, time and payload) is stored once, however often it is forwarded.
   */
  forward(envelope: Envelope, limits: CallLimits = {}): Promise<Receipt> {
    return this.#sink.forward(envelope, limits);
  }

  /**
   * Resolves when the spool is empty; tries again, whatever happens to the broker, until then.
   *
   * Rejects with CANCELLED when the signal aborts or the client is closed, and with FAILED_PRECONDITION
   * when there is no spool or its directory cannot be used.
   */
  async drainSpool({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (!(this.#sink instanceof SpoolSink)) {
      throw new FoghornError('FAILED_PRECONDITION', 'expected a client with a spool');
    }
    await this.#sink.drain(signal);
  }

  /** What the history holds, and what an acknowledgement means. */
  async describe(limits: CallLimits = {}): Promise<DescribeResponse> {
    return unaryCall(this.#connection, limits, ({ history }, options, callback) =>
      history.describe({}, new Metadata(), options, callback),
    );
  }

  /**
   * How a run of a container ended, as its monitor reported it: at once if the history knows, otherwise
   * when it happens, whatever happens to the broker meanwhile. Without an option that says which run: the newest one.
   *
   * Rejects with UNAVAILABLE when the broker was never reached, with DEADLINE_EXCEEDED or CANCELLED when an option or `close`
   * ended it, with NOT_FOUND when the container was deleted without its end ever being reported, with OUT_OF_RANGE
   * when the place to count from belongs to another history, and with INVALID_ARGUMENT for options that make no sense.
   */
  async wait(
    {
      id,
      namespace = this.#namespace,
    }: { readonly id: string; readonly namespace?: string | undefined },
    options: WaitOptions = {},
  ): Promise<Exit> {
    return wait(this.#connection, { namespace, containerId: id }, options, this.#closing.signal);
  }

  /**
   * Reads the history from a start to a stop. Rejects when the first connection fails; later ones
   * are made again by themselves, for as long as it takes, without a repeated or a missing entry.
   * A message counts as handled when the loop asks for the next one.
   */
  read(options: ReadOptions = {}): AsyncIterable<ReadMessage> {
    return read(this.#connection, options);
  }

  /**
   * Follows events through containerd's own call, of Foghorn or of containerd, as long as the
   * connection lasts: it ends when the peer ends it and rejects when it is cut.
   */
  subscribe(
    filters: readonly string[] = [],
    { metadata = {}, ...options }: SubscribeOptions = {},
  ): AsyncIterable<Envelope> {
    return serverStream(this.#connection, options, ({ events }) =>
      events.subscribe({ filters: [...filters] }, metadataOf(metadata)),
    );
  }

  /**
   * Waits up to a second for answers that are under way, then gives up what is left with CANCELLED (what is in
   * a spool counts as spooled) and lets go of everything. Reads and subscriptions that are under way are ended by
   * their signals or loops.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await this.#sink.close();
    this.#connection.close();
  }
}

function metadataOf(values: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(values)) metadata.set(key, value);
  return metadata;
}
