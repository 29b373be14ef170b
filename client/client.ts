import { Metadata } from '@grpc/grpc-js';
import type { DescribeResponse } from '../protos/gen/foghorn/v1/history.js';
import type { Any } from '../protos/gen/google/protobuf/any.js';
import type { Envelope } from '../protos/gen/types/event.js';
import { Connection } from './connection.js';
import { read } from './read.js';
import type { ReadMessage } from './read-message.js';
import type { ReadOptions } from './read-options.js';
import { serverStream } from './server-stream.js';
import type { StreamOptions } from './server-stream.js';
import { unaryCall } from './unary-call.js';
import type { CallLimits } from './unary-call.js';

export interface ConnectOptions {
  /** `unix:///path` or `host:port`. */
  readonly address: string;
  /** The containerd namespace of what is published; `default` unless given. */
  readonly namespace?: string;
  /** The command that should be listening there, for error texts; `foghorn serve` unless given. */
  readonly daemon?: string;
}

/** An event to be stamped by the broker. */
export interface Publication {
  /** Path such as `/tasks/exit`. */
  readonly topic: string;
  readonly event?: Any;
  /** Instead of the client's namespace. */
  readonly namespace?: string;
}

export interface SubscribeOptions extends StreamOptions {
  /** Request metadata, for example `foghorn-after`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * A client of the broker at this address. Nothing is sent before the first call.
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

  constructor({ address, namespace = 'default', daemon = 'foghorn serve' }: ConnectOptions) {
    this.#connection = new Connection({ address, daemon });
    this.#namespace = namespace;
  }

  /** Stores an event with the broker's time. Resolves when it is kept as durably as the store promises. */
  async publish(publication: Publication, limits: CallLimits = {}): Promise<void> {
    const { topic, event, namespace = this.#namespace } = publication;
    const metadata = metadataOf({ 'containerd-namespace': namespace });
    await unaryCall(this.#connection, limits, ({ events }, options, callback) =>
      events.publish({ topic, event }, metadata, options, callback),
    );
  }

  /** Stores an event with the time and namespace of its envelope. Resolves when it is kept, as for `publish`. */
  async forward(envelope: Envelope, limits: CallLimits = {}): Promise<void> {
    await unaryCall(this.#connection, limits, ({ events }, options, callback) =>
      events.forward({ envelope }, new Metadata(), options, callback),
    );
  }

  /** What the history holds, and what an acknowledgement means. */
  async describe(limits: CallLimits = {}): Promise<DescribeResponse> {
    return unaryCall(this.#connection, limits, ({ history }, options, callback) =>
      history.describe({}, new Metadata(), options, callback),
    );
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

  /** Lets go of the connection; streams that are under way are ended by their signals or loops. */
  close(): void {
    this.#connection.close();
  }
}

function metadataOf(values: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(values)) metadata.set(key, value);
  return metadata;
}
