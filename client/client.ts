import { Metadata, credentials } from '@grpc/grpc-js';
import type { Channel } from '@grpc/grpc-js';
import { HistoryClient } from '../protos/gen/foghorn/v1/history.js';
import type { DescribeResponse } from '../protos/gen/foghorn/v1/history.js';
import type { Any } from '../protos/gen/google/protobuf/any.js';
import { EventsClient } from '../protos/gen/services/events/v1/events.js';
import type { Envelope } from '../protos/gen/types/event.js';
import { parseAddress } from './address.js';
import type { Peer } from './call-error.js';
import { openChannel } from './channel.js';
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
  readonly #peer: Peer;
  readonly #namespace: string;
  readonly #channel: Channel;
  readonly #events: EventsClient;
  readonly #history: HistoryClient;

  constructor({ address, namespace = 'default', daemon = 'foghorn serve' }: ConnectOptions) {
    this.#peer = { address, daemon };
    this.#namespace = namespace;
    this.#channel = openChannel(parseAddress(address));
    const shared = { channelOverride: this.#channel };
    this.#events = new EventsClient(address, credentials.createInsecure(), shared);
    this.#history = new HistoryClient(address, credentials.createInsecure(), shared);
  }

  /** Stores an event with the broker's time. Resolves when it is kept as durably as the store promises. */
  async publish(publication: Publication, limits: CallLimits = {}): Promise<void> {
    const { topic, event, namespace = this.#namespace } = publication;
    const metadata = metadataOf({ 'containerd-namespace': namespace });
    await unaryCall(this.#peer, limits, (options, callback) =>
      this.#events.publish({ topic, event }, metadata, options, callback),
    );
  }

  /** Stores an event with the time and namespace of its envelope; the same envelope twice is stored once. */
  async forward(envelope: Envelope, limits: CallLimits = {}): Promise<void> {
    await unaryCall(this.#peer, limits, (options, callback) =>
      this.#events.forward({ envelope }, new Metadata(), options, callback),
    );
  }

  /** What the history holds, and what an acknowledgement means. */
  async describe(limits: CallLimits = {}): Promise<DescribeResponse> {
    return unaryCall(this.#peer, limits, (options, callback) =>
      this.#history.describe({}, new Metadata(), options, callback),
    );
  }

  /**
   * Reads the history from a start to a stop. Rejects when the first connection fails; later ones
   * are made again by themselves, for as long as it takes, without a repeated or a missing entry.
   * A message counts as handled when the loop asks for the next one.
   */
  read(options: ReadOptions = {}): AsyncIterable<ReadMessage> {
    return read(this.#history, this.#peer, options);
  }

  /**
   * Follows events through containerd's own call, of Foghorn or of containerd, as long as the
   * connection lasts: it ends when the peer ends it and rejects when it is cut.
   */
  subscribe(
    filters: readonly string[] = [],
    { metadata = {}, ...options }: SubscribeOptions = {},
  ): AsyncIterable<Envelope> {
    return serverStream(this.#events, this.#peer, options, () =>
      this.#events.subscribe({ filters: [...filters] }, metadataOf(metadata)),
    );
  }

  /** Ends the connection, and with it every call that is under way. */
  close(): void {
    this.#channel.close();
  }
}

function metadataOf(values: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(values)) metadata.set(key, value);
  return metadata;
}
