import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Logger } from 'pino';
import {
  Durability,
  HistoryService,
  type DescribeRequest,
  type DescribeResponse,
  type ReadRequest,
} from '../../protos/gen/foghorn/v1/history.js';
import type { Broker } from '../broker/broker.js';
import type { Position } from '../broker/description.js';
import { timestampFromNanos } from '../../protos/timestamp.js';
import { readOptions } from './read-request.js';
import { READ_RESPONSES } from './read-response.js';
import { statusOf } from './status.js';
import { streamTo } from './stream.js';

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
  return { cursor, offset: BigInt(offset), storedAt: timestampFromNanos(storedAt) };
}
