import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { FoghornError } from '../../protos/errors.js';
import { OpaqueReadResponse } from '../../protos/gen/foghorn/v1/envelope.js';
import {
  Durability,
  EndReason,
  GapPolicy,
  GapReason,
  HistoryService,
  ReadResponse,
  type DescribeRequest,
  type DescribeResponse,
  type ReadRequest,
} from '../../protos/gen/foghorn/v1/history.js';
import type { Broker } from '../broker/broker.js';
import type { Position } from '../broker/description.js';
import type { ReadOptions, ReadStart } from '../broker/read-options.js';
import type { Gap, SubscriptionMessage } from '../broker/subscription-message.js';
import type { EventView } from '../events/event-view.js';
import { nanosecondsOf, timestampOf } from '../events/timestamp.js';
import { compileFilters } from './filters.js';
import { statusOf } from './status.js';
import { streamTo, type StreamShape } from './stream.js';

/** Our service, with responses of Read that are serialized already. */
export const historyDefinition = {
  read: { ...HistoryService.read, responseSerialize: (bytes: Buffer) => bytes },
  describe: HistoryService.describe,
} satisfies ServiceDefinition;

/** What Describe tells besides the history. */
export interface ServerIdentity {
  readonly version: string;
  /** Store URL without credentials. */
  readonly store: string;
}

/** foghorn.v1.History over the broker: translation and nothing else. */
export function historyImplementation(
  broker: Broker,
  identity: ServerIdentity,
  log: Logger,
): UntypedServiceImplementation {
  const read: handleServerStreamingCall<ReadRequest, Uint8Array> = (call) => {
    const subscription = async (signal: AbortSignal) =>
      broker.subscribe(readOptions(call.request), signal);
    void streamTo(call, subscription, READ_RESPONSES, log);
  };
  const describe: handleUnaryCall<DescribeRequest, DescribeResponse> = (_call, callback) => {
    describeResponse(broker, identity).then(
      (response) => {
        callback(null, response);
      },
      (error: unknown) => {
        callback(statusOf(error, log));
      },
    );
  };
  return { read, describe };
}

function readOptions(request: ReadRequest): ReadOptions {
  const { filters, container, start, until, stopWhenCaughtUp, limit, gapPolicy } = request;
  return {
    filter: compileFilters(filters),
    container: container && { namespace: container.namespace, container: container.containerId },
    start: readStart(start),
    until: until && nanosecondsOf(until),
    stopWhenCaughtUp,
    limit: limit === 0n ? Infinity : Number(limit),
    onGap: gapPolicyOf(gapPolicy),
  };
}

function readStart(start: ReadRequest['start']): ReadStart {
  switch (start?.$case) {
    case 'after':
      return { kind: 'after', cursor: start.value };
    case 'since':
      return { kind: 'since', time: nanosecondsOf(start.value) };
    case 'earliest':
      return { kind: 'earliest' };
    case 'now':
    case undefined:
      return { kind: 'now' };
  }
}

function gapPolicyOf(policy: GapPolicy): ReadOptions['onGap'] {
  switch (policy) {
    case GapPolicy.GAP_POLICY_UNSPECIFIED:
    case GapPolicy.GAP_POLICY_FAIL:
      return 'fail';
    case GapPolicy.GAP_POLICY_CONTINUE:
      return 'continue';
    default:
      throw new FoghornError('INVALID_ARGUMENT', `unknown gap policy ${policy as number}`);
  }
}

/** Batches stay near this size, except for a single entry that is larger. */
const BATCH_BYTES = 1024 * 1024;

const READ_RESPONSES: StreamShape = {
  encode: (message) =>
    message.kind === 'entries' ? [...batches(message.entries)] : [encodeSign(message)],
};

function* batches(entries: readonly EventView[]): Iterable<Uint8Array> {
  let batch: Uint8Array[] = [];
  let size = 0;
  for (const { wire } of entries) {
    if (batch.length > 0 && size + wire.length > BATCH_BYTES) {
      yield encodeBatch(batch);
      batch = [];
      size = 0;
    }
    batch.push(wire);
    size += wire.length;
  }
  yield encodeBatch(batch);
}

function encodeBatch(entries: Uint8Array[]): Uint8Array {
  return OpaqueReadResponse.encode({ entries: { entries } }).finish();
}

/** Everything that a Read says besides entries. */
function encodeSign(message: Exclude<SubscriptionMessage, { kind: 'entries' }>): Uint8Array {
  return ReadResponse.encode({ message: signOf(message) }).finish();
}

function signOf(
  message: Exclude<SubscriptionMessage, { kind: 'entries' }>,
): NonNullable<ReadResponse['message']> {
  const { kind } = message;
  switch (kind) {
    case 'progress':
      return { $case: 'progress', value: { cursor: message.cursor } };
    case 'caught up':
      return { $case: 'caughtUp', value: { cursor: message.cursor } };
    case 'end':
      return { $case: 'end', value: { reason: END[message.reason], cursor: message.cursor } };
    case 'gap': {
      const { reason, from, to, lostAtMost } = message;
      const value = { reason: GAP[reason], from, to, lostAtMost: BigInt(lostAtMost) };
      return { $case: 'gap', value };
    }
  }
}

const END = {
  complete: EndReason.END_REASON_COMPLETE,
  shutdown: EndReason.END_REASON_SHUTDOWN,
} as const;

const GAP: Record<Gap['reason'], GapReason> = {
  trimmed: GapReason.GAP_REASON_TRIMMED,
  'rolled back': GapReason.GAP_REASON_ROLLED_BACK,
  'store recreated': GapReason.GAP_REASON_STORE_RECREATED,
};

const DURABILITY = {
  memory: Durability.DURABILITY_MEMORY,
  os: Durability.DURABILITY_OS,
  fsync: Durability.DURABILITY_FSYNC,
} as const;

async function describeResponse(
  broker: Broker,
  { version, store }: ServerIdentity,
): Promise<DescribeResponse> {
  const { epoch, first, last, entryCount, storedBytes, durability, subscriptionCount } =
    await broker.describe();
  return {
    epoch,
    first: first && positionMessage(first),
    last: last && positionMessage(last),
    entryCount: BigInt(entryCount),
    storedBytes: BigInt(storedBytes),
    durability: DURABILITY[durability],
    subscriptionCount,
    version,
    store,
  };
}

function positionMessage({ cursor, offset, storedAt }: Position) {
  return { cursor, offset: BigInt(offset), storedAt: timestampOf(storedAt) };
}
