import { Metadata } from '@grpc/grpc-js';
import {
  ConsumerGapPolicy,
  ConsumerOrdering,
  type Consumer,
  type ConsumerSettings,
  type ConsumersCreateResponse,
  type ConsumersDeleteResponse,
  type ConsumersGetResponse,
  type ConsumersListResponse,
  type ConsumersResetResponse,
  type ConsumersUpdateResponse,
  type ListParkedResponse,
  type RemoveParkedResponse,
  type ReplayParkedResponse,
} from '../../protos/gen/foghorn/v1/consumers.js';
import { FoghornError } from '../../protocol/errors.js';
import { durationFromMs } from '../../protocol/timestamp.js';
import { startField, type ReadStart } from '../read/read-options.js';
import type { Connection } from '../transport/connection.js';
import { serverStream } from '../transport/server-stream.js';
import { unaryCall, type CallLimits } from '../transport/unary-call.js';

/** How a consumer delivers; durations in milliseconds. See the API for defaults. */
export interface ConsumerOptions {
  readonly filters?: readonly string[];
  readonly ordering?: 'container' | 'total' | 'none';
  readonly ackWait?: number;
  readonly maxDeliveries?: number;
  readonly backoff?: readonly number[];
  readonly maxInFlight?: number;
  readonly gapPolicy?: 'continue' | 'pause';
  /** Bytes of events that retention keeps for the consumer until they are handled. */
  readonly hold?: number;
}

/** The durable consumers of a broker. */
export class Consumers {
  constructor(private readonly connection: Connection) {}

  /** Rejects with ALREADY_EXISTS. Starts `now` unless another start is given. */
  async create(
    name: string,
    options: ConsumerOptions = {},
    { start = 'now', ...limits }: CallLimits & { readonly start?: ReadStart } = {},
  ): Promise<Consumer> {
    const request = { name, settings: settingsOf(options), start: { position: startField(start) } };
    const response = await unaryCall<ConsumersCreateResponse>(
      this.connection,
      limits,
      ({ consumers }, o, callback) => consumers.create(request, new Metadata(), o, callback),
    );
    return known(response);
  }

  /** Rejects with NOT_FOUND. */
  async get(name: string, limits: CallLimits = {}): Promise<Consumer> {
    const response = await unaryCall<ConsumersGetResponse>(
      this.connection,
      limits,
      ({ consumers }, o, callback) => consumers.get({ name }, new Metadata(), o, callback),
    );
    return known(response);
  }

  async list(limits: CallLimits = {}): Promise<Consumer[]> {
    const response = await unaryCall<ConsumersListResponse>(
      this.connection,
      limits,
      ({ consumers }, o, callback) => consumers.list({}, new Metadata(), o, callback),
    );
    return response.consumers;
  }

  /** Replaces the options, all of them. */
  async update(name: string, options: ConsumerOptions, limits: CallLimits = {}): Promise<Consumer> {
    const request = { name, settings: settingsOf(options), paused: undefined };
    const response = await unaryCall<ConsumersUpdateResponse>(
      this.connection,
      limits,
      ({ consumers }, o, callback) => consumers.update(request, new Metadata(), o, callback),
    );
    return known(response);
  }

  /** Changes the options that are given, and keeps the others. */
  async change(name: string, options: ConsumerOptions, limits: CallLimits = {}): Promise<Consumer> {
    const { settings } = await this.get(name, limits);
    const request = { name, settings: merged(settings, options), paused: undefined };
    const response = await unaryCall<ConsumersUpdateResponse>(
      this.connection,
      limits,
      ({ consumers }, o, callback) => consumers.update(request, new Metadata(), o, callback),
    );
    return known(response);
  }

  /** Stops deliveries, with a reason for people; an empty one lets them go on. */
  async pause(name: string, reason: string, limits: CallLimits = {}): Promise<Consumer> {
    const request = { name, settings: undefined, paused: reason };
    const response = await unaryCall<ConsumersUpdateResponse>(
      this.connection,
      limits,
      ({ consumers }, o, callback) => consumers.update(request, new Metadata(), o, callback),
    );
    return known(response);
  }

  /** Lets a consumer continue from another position. */
  async reset(name: string, start: ReadStart, limits: CallLimits = {}): Promise<Consumer> {
    const request = { name, start: { position: startField(start) } };
    const response = await unaryCall<ConsumersResetResponse>(
      this.connection,
      limits,
      ({ consumers }, o, callback) => consumers.reset(request, new Metadata(), o, callback),
    );
    return known(response);
  }

  /** Removes a consumer with its parked events. */
  async remove(name: string, limits: CallLimits = {}): Promise<void> {
    await unaryCall<ConsumersDeleteResponse>(
      this.connection,
      limits,
      ({ consumers }, o, callback) => consumers.delete({ name }, new Metadata(), o, callback),
    );
  }

  /** The parked events of a consumer, oldest first. */
  parked(name: string, signal?: AbortSignal): AsyncIterable<ListParkedResponse> {
    return serverStream(this.connection, { signal }, ({ consumers }) =>
      consumers.listParked({ name }, new Metadata()),
    );
  }

  /** Delivers parked events again, all unless numbers are given. Resolves with how many. */
  async replay(
    name: string,
    numbers: readonly bigint[] = [],
    limits: CallLimits = {},
  ): Promise<number> {
    const request = { name, numbers: [...numbers] };
    const response = await unaryCall<ReplayParkedResponse>(
      this.connection,
      limits,
      ({ consumers }, o, callback) => consumers.replayParked(request, new Metadata(), o, callback),
    );
    return Number(response.replayed);
  }

  /** Forgets parked events, all unless numbers are given. Resolves with how many. */
  async removeParked(
    name: string,
    numbers: readonly bigint[] = [],
    limits: CallLimits = {},
  ): Promise<number> {
    const request = { name, numbers: [...numbers] };
    const response = await unaryCall<RemoveParkedResponse>(
      this.connection,
      limits,
      ({ consumers }, o, callback) => consumers.removeParked(request, new Metadata(), o, callback),
    );
    return Number(response.removed);
  }
}

function known({ consumer }: { readonly consumer: Consumer | undefined }): Consumer {
  if (consumer !== undefined) return consumer;
  throw new FoghornError('UNKNOWN', 'the broker answered without the consumer');
}

const ORDERINGS = {
  container: ConsumerOrdering.CONSUMER_ORDERING_CONTAINER,
  total: ConsumerOrdering.CONSUMER_ORDERING_TOTAL,
  none: ConsumerOrdering.CONSUMER_ORDERING_NONE,
} as const;

function settingsOf(options: ConsumerOptions): ConsumerSettings {
  const { filters = [], ordering, ackWait, maxDeliveries, backoff = [], maxInFlight } = options;
  return {
    filters: [...filters],
    ordering:
      ordering === undefined ? ConsumerOrdering.CONSUMER_ORDERING_UNSPECIFIED : ORDERINGS[ordering],
    ackWait: ackWait === undefined ? undefined : durationOf(ackWait),
    maxDeliveries,
    backoff: backoff.map(durationOf),
    maxInFlight: maxInFlight ?? 0,
    gapPolicy:
      options.gapPolicy === 'pause'
        ? ConsumerGapPolicy.CONSUMER_GAP_POLICY_PAUSE
        : ConsumerGapPolicy.CONSUMER_GAP_POLICY_CONTINUE,
    holdBytes: BigInt(options.hold ?? 0),
  };
}

function merged(before: ConsumerSettings | undefined, options: ConsumerOptions): ConsumerSettings {
  const all = settingsOf(options);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const fields = given.map(([name]) => (name === 'hold' ? 'holdBytes' : name));
  return {
    ...all,
    ...before,
    ...Object.fromEntries(Object.entries(all).filter(([name]) => fields.includes(name))),
  };
}

/** A duration as the API has it. @param ms from 0 */
export function durationOf(ms: number): { seconds: bigint; nanos: number } {
  return durationFromMs(Math.max(0, Math.round(ms)));
}
