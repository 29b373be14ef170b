import {
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Logger } from 'pino';
import {
  HistoryService,
  type DescribeRequest,
  type DescribeResponse,
  type ReadRequest,
  type WaitRequest,
  type WaitResponse,
} from '../../../protos/gen/foghorn/v1/history.js';
import { timestampFromNanos } from '../../../protocol/timestamp.js';
import type { Broker } from '../../broker/broker.js';
import { decodeAppendRequest, type AppendRequest } from '../../grpc/append-request.js';
import { AppendStream } from './append-stream.js';
import { describeResponse, type ServerIdentity } from './describe-response.js';
import { dockerEntries } from './docker-entries.js';
import { readOptions } from './read-request.js';
import { READ_RESPONSES, type EncodedMessage } from './read-response.js';
import { answer } from '../../grpc/answer.js';
import { streamTo } from '../../grpc/stream.js';
import { waitForExit } from '../../runs/wait.js';
import { waitRequest } from './wait-request.js';

/** Our service, with payloads as opaque bytes and with responses of streams that are serialized already. */
export const historyDefinition = {
  read: { ...HistoryService.read, responseSerialize: (bytes: Buffer) => bytes },
  append: {
    ...HistoryService.append,
    requestDeserialize: decodeAppendRequest,
    responseSerialize: (bytes: Buffer) => bytes,
  },
  wait: HistoryService.wait,
  describe: HistoryService.describe,
} satisfies ServiceDefinition;

/** foghorn.v1.History over the broker: translation and nothing else. */
export function historyImplementation(
  broker: Broker,
  identity: ServerIdentity,
  log: Logger,
): UntypedServiceImplementation {
  const read: handleServerStreamingCall<ReadRequest, Uint8Array> = (call) => {
    const { request } = call;
    const subscription = async () => {
      const entries = await broker.subscribe(readOptions(request));
      return request.dockerView ? dockerEntries(entries, broker) : entries;
    };
    void streamTo<EncodedMessage>(call, subscription, READ_RESPONSES, log);
  };
  const append: handleBidiStreamingCall<AppendRequest, Buffer> = (call) => {
    new AppendStream(call, broker, log);
  };
  const wait: handleUnaryCall<WaitRequest, WaitResponse> = (call, callback) => {
    const gone = new AbortController();
    call.once('cancelled', () => {
      gone.abort();
    });
    answer(waitResponse(broker, call.request, gone.signal), callback, log);
  };
  const describe: handleUnaryCall<DescribeRequest, DescribeResponse> = (_call, callback) => {
    const response = broker.describe().then((history) => describeResponse(history, identity));
    answer(response, callback, log);
  };
  return { read, append, wait, describe };
}

async function waitResponse(
  broker: Broker,
  request: WaitRequest,
  signal: AbortSignal,
): Promise<WaitResponse> {
  const { status, exitedAt, cursor, pid } = await waitForExit(broker, waitRequest(request), signal);
  return { exitStatus: status, exitedAt: timestampFromNanos(exitedAt), cursor, pid };
}
