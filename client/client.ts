import { Metadata } from '@grpc/grpc-js';
import { FoghornError } from '../protocol/errors.js';
import type { DescribeResponse } from '../protos/gen/foghorn/v1/history.js';
import type { ListOpenResponse, RecordedDaemon } from '../protos/gen/foghorn/v1/recorder.js';
import type { Envelope } from '../protos/gen/containerd/types/event.js';
import { ClientTracing } from './tracing.js';
import { statusReporter } from './client-status.js';
import type { ClientStatus } from './client-status.js';
import type { Container, RunOfContainer } from '../protocol/container.js';
import { listContainers, listRuns } from './containers/containers.js';
import type { ContainersOptions, Extent, RunsOptions } from './containers/containers.js';
import { Consumption } from './consume/consume.js';
import type { ConsumeOptions } from './consume/consume-options.js';
import { Consumers } from './consume/consumers.js';
import type { EventDelivery } from './consume/delivery.js';
import { handleEach, type DeliveryHandler } from './consume/handle-each.js';
import { Connection } from './transport/connection.js';
import type { ClientSecurity } from './transport/security.js';
import { DirectSink } from './publish/direct-sink.js';
import type { EventSink } from './publish/event-sink.js';
import type { Publication, Receipt, TracedEnvelope } from './publish/publication.js';
import { read } from './read/read.js';
import { resumedRead } from './read/resumed-read.js';
import type { ReadMessage } from './read/read-message.js';
import type { ReadOptions } from './read/read-options.js';
import { serverStream } from './transport/server-stream.js';
import type { StreamOptions } from './transport/server-stream.js';
import { attach, type BringUpToDate, type ReportRecorderState } from './recorders/attach.js';
import type { SpoolContents } from './spool/spool.js';
import { SpoolSink } from './spool/spool-sink.js';
import { unaryCall } from './transport/unary-call.js';
import type { CallLimits } from './transport/unary-call.js';
import { wait } from './wait/wait.js';
import type { Exit } from './wait/wait.js';
import type { WaitOptions } from './wait/wait-options.js';

export interface ConnectOptions extends ClientSecurity {
  /** `unix:///path` or `host:port`. */
  readonly address: string;
  /** The containerd namespace for publishing and waiting; `default` unless given. */
  readonly namespace?: string | undefined;
  /**
   * The command that should listen at the address, for error texts; `foghorn serve` unless given.
   */
  readonly daemon?: string | undefined;
  /**
   * A directory, created if missing, that keeps events while the broker cannot be reached. Several
   * processes may share it; it belongs to one broker. `maxBytes` limits the waiting events; 64 MiB
   * unless given.
   */
  readonly spool?:
    string | { readonly directory: string; readonly maxBytes?: number | undefined } | undefined;
  /** Called with each change of the connection and the spool that events are published through. */
  readonly onStatus?: ((status: ClientStatus) => void) | undefined;
}

export interface SubscribeOptions extends StreamOptions {
  /** Request metadata, for example `foghorn-after`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Creates a client of the broker at this address. Nothing is sent before the first call, except
 * events that a spool holds from earlier.
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
  readonly #tracing = ClientTracing.open();
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(options: ConnectOptions) {
    const { address, namespace = 'default', daemon = 'foghorn serve', spool, onStatus } = options;
    this.#connection = new Connection({ address, daemon }, options);
    this.#namespace = namespace;
    const report = statusReporter(onStatus);
    this.#sink =
      spool === undefined
        ? new DirectSink(this.#connection, report)
        : new SpoolSink(
            typeof spool === 'string' ? { directory: spool } : spool,
            this.#connection,
            report,
          );
  }

  /**
   * Stores an event with the time of its publication. Concurrent calls are sent together and stored
   * in the order of the calls. While the connection is lost, a call is retried until its time
   * limit, and its event is stored once.
   *
   * Rejects with UNAVAILABLE when the broker was never reached, with DEADLINE_EXCEEDED or CANCELLED
   * when a limit ended the call (the text says whether the event may be stored), and with the
   * broker's own error when it refuses the event.
   *
   * With a spool it resolves once the event is flushed to disk, also when the broker cannot be
   * reached. It then rejects with RESOURCE_EXHAUSTED when the spool is full, and with
   * FAILED_PRECONDITION when its directory cannot be used.
   */
  publish(
    { namespace = this.#namespace, topic, event, trace = this.#tracing?.current() }: Publication,
    limits: CallLimits = {},
  ): Promise<Receipt> {
    return this.#sink.publish({ namespace, topic, event, trace }, limits);
  }

  /**
   * Stores an event with the time and namespace of its envelope, otherwise like `publish`. The same
   * envelope (namespace, topic, time and payload) is stored once, however often it is forwarded.
   */
  forward(envelope: TracedEnvelope, limits: CallLimits = {}): Promise<Receipt> {
    return this.#sink.forward(this.#tracing?.complete(envelope) ?? envelope, limits);
  }

  /**
   * Puts envelopes into the spool, all or none, after everything published before. Resolves when
   * they are flushed to disk, without waiting for the broker, which gets them from the spool.
   *
   * Rejects with INVALID_ARGUMENT when the broker would refuse one of them, with RESOURCE_EXHAUSTED
   * when they do not fit, and with FAILED_PRECONDITION when there is no spool or its directory
   * cannot be used.
   */
  async spool(envelopes: readonly TracedEnvelope[]): Promise<void> {
    await this.#spoolSink().spool(envelopes);
  }

  /**
   * Resolves when the spool is empty. Keeps trying while the broker is away.
   *
   * Rejects with CANCELLED when the signal aborts or the client is closed, and with
   * FAILED_PRECONDITION when there is no spool or its directory cannot be used.
   */
  async drainSpool({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    await this.#spoolSink().drain(signal);
  }

  /** How much waits in the spool. Rejects with FAILED_PRECONDITION, as `spool` does. */
  async spoolContents(): Promise<SpoolContents> {
    return this.#spoolSink().contents();
  }

  #spoolSink(): SpoolSink {
    if (this.#sink instanceof SpoolSink) return this.#sink;
    throw new FoghornError('FAILED_PRECONDITION', 'expected a client with a spool');
  }

  /** Describes the history, and what an acknowledgement means. */
  async describe(limits: CallLimits = {}): Promise<DescribeResponse> {
    return unaryCall(this.#connection, limits, ({ history }, options, callback) =>
      history.describe({}, new Metadata(), options, callback),
    );
  }

  /**
   * Waits for the end of a run of a container, as its monitor reported it. Resolves at once if the
   * history has it, otherwise when it happens, also across restarts of the broker. Selects the
   * newest run unless an option says otherwise.
   *
   * Rejects with UNAVAILABLE when the broker was never reached, with DEADLINE_EXCEEDED or CANCELLED
   * when an option or `close` ended the wait, with NOT_FOUND when the container was deleted without
   * a reported end, with OUT_OF_RANGE when `after` belongs to another history, and with
   * INVALID_ARGUMENT for invalid options.
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
   * The containers that existed at a moment, with their state then; those of now unless `at` is
   * given. Asks attached recorders for what happened just now.
   */
  containers(
    options: ContainersOptions = {},
  ): Promise<Extent & { readonly containers: readonly Container[] }> {
    return listContainers(this.#connection, options);
  }

  /**
   * The runs that ended in a span of time, with their exit codes, in no particular order. Rejects
   * with INVALID_ARGUMENT when the span ends before it begins.
   */
  runs(options: RunsOptions = {}): Promise<Extent & { readonly runs: readonly RunOfContainer[] }> {
    return listRuns(this.#connection, options);
  }

  /**
   * Reads the history from a start to a stop. Rejects when the first connection fails. Later ones
   * are retried for as long as it takes, and the read continues without a repeated or missing
   * entry. A message counts as handled when the loop asks for the next one.
   */
  read(options: ReadOptions = {}): AsyncIterable<ReadMessage> {
    const { resume, ...others } = options;
    return resume === undefined
      ? read(this.#connection, others)
      : resumedRead(this.#connection, { ...others, resume });
  }

  /** The durable consumers of the broker: to create, describe, change and remove them. */
  get consumers(): Consumers {
    return new Consumers(this.#connection);
  }

  /**
   * Attaches a member to a consumer and iterates over its deliveries. An event that is not
   * acknowledged is delivered again. Throws when the first connection fails, and with NOT_FOUND
   * for an unknown consumer. Later connections are retried for as long as it takes, and the member
   * goes on with what it holds.
   */
  consume(consumer: string, options: ConsumeOptions = {}): AsyncIterable<EventDelivery> {
    return new Consumption(this.#connection, consumer, options);
  }

  /**
   * Like `consume`, with a handler that runs for at most `concurrency` deliveries at a time; 1
   * unless given. A delivery is acknowledged when its handler resolves, and fails with the reason
   * when it rejects. Resolves after the signal has aborted, when the handlers under way are done.
   */
  async handle(
    consumer: string,
    handler: DeliveryHandler,
    { concurrency = 1, ...options }: ConsumeOptions & { readonly concurrency?: number } = {},
  ): Promise<void> {
    const { signal, prefetch = concurrency, ...rest } = options;
    // The signal must not end the deliveries whose handlers are running.
    const consumption = new Consumption(this.#connection, consumer, { ...rest, prefetch });
    await handleEach(consumption, handler, { concurrency, signal, tracing: this.#tracing });
  }

  /**
   * Attaches a recorder of a daemon to the broker until the signal aborts; see `attach`. For
   * programs that store another daemon's events.
   */
  attachRecorder(
    daemon: RecordedDaemon,
    bringUpToDate: BringUpToDate,
    signal: AbortSignal,
    reportState?: ReportRecorderState,
  ): Promise<void> {
    return attach(this.#connection, daemon, { bringUpToDate, reportState }, signal);
  }

  /**
   * Lists the containers of a namespace, or of all if it is empty, that have not ended or were not
   * removed as far as the history knows.
   */
  listOpenContainers(namespace: string, signal?: AbortSignal): AsyncIterable<ListOpenResponse> {
    return serverStream(this.#connection, { signal }, ({ recorders }) =>
      recorders.listOpen({ namespace }, new Metadata()),
    );
  }

  /**
   * Follows events through containerd's own call, of Foghorn or of containerd, over one connection.
   * Ends when the peer ends it, and rejects when it is cut.
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
   * Waits up to a second for answers, then cancels the rest with CANCELLED (events in a spool count
   * as spooled) and closes everything. Reads and subscriptions end by their signals or loops.
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
