import {
  DescribeRequest,
  DescribeResponse,
  HistoryService,
  ReadRequest,
  WaitRequest,
  WaitResponse,
} from '../../../protos/gen/foghorn/v1/history.js';
import { timestampFromNanos } from '../../../protocol/timestamp.js';
import type { Broker } from '../../broker/broker.js';
import {
  decodeAppendRequest,
  type DecodedAppendRequest,
} from '../../../protocol/wire/append-request.js';
import { DockerEntries } from '../../docker/docker-entries.js';
import { entriesWithin } from '../entries-within.js';
import { FilterCompiler } from '../filters.js';
import type { BidiStreamMethod, Method, ServerStreamMethod, UnaryMethod } from '../service.js';
import { AppendStream } from './append-stream.js';
import { containerMethods } from './container-methods.js';
import { describeResponse, type ServerIdentity } from './describe-response.js';
import { maxEntryBytes, readOptions } from './read-request.js';
import { ReadResponses, type EncodedMessage } from './read-response.js';
import type { Recorders } from '../../recorders/recorders.js';
import type { RunSource } from '../../runs/exit-wait.js';
import { waitForExit } from '../../runs/wait.js';
import { waitRequest } from './wait-request.js';

/** foghorn.v1.History over the broker. Payloads are opaque bytes. */
export function historyService(source: RunSource, identity: ServerIdentity): readonly Method[] {
  const { broker, recorders } = source;
  return [
    readMethod(broker, recorders),
    appendMethod(broker),
    waitMethod(source),
    ...containerMethods(source),
    describeMethod(broker, identity),
  ];
}

function readMethod(
  broker: Broker,
  recorders: Recorders,
): ServerStreamMethod<ReadRequest, EncodedMessage> {
  const responses = new ReadResponses();
  const compiler = new FilterCompiler(broker.schedule);
  const dockerEntries = new DockerEntries(broker);
  return {
    kind: 'server stream',
    path: HistoryService.read.path,
    decode: (bytes) => ReadRequest.decode(bytes),
    async open(request, { caller }) {
      const options = await readOptions(request, compiler);
      // The position from which a caller counts what is new: the past has to be stored before it.
      if (options.stopWhenCaughtUp && options.start.kind === 'now') {
        await recorders.bringUpToDate({ namespace: undefined });
      }
      const maxBytes = maxEntryBytes(request);
      if (!request.dockerView) {
        return entriesWithin(maxBytes, await broker.subscribe(caller, options), (view) => view);
      }
      const subscription = await broker.subscribeTo(caller, dockerEntries, options);
      return entriesWithin(maxBytes, subscription, ({ entry }) => entry);
    },
    encode: (message) => responses.encode(message),
  };
}

function appendMethod(broker: Broker): BidiStreamMethod<DecodedAppendRequest> {
  return {
    kind: 'bidi stream',
    path: HistoryService.append.path,
    decode: decodeAppendRequest,
    open: (call, responses) => new AppendStream(call, responses, broker),
  };
}

function waitMethod(source: RunSource): UnaryMethod<WaitRequest, WaitResponse> {
  return {
    kind: 'unary',
    path: HistoryService.wait.path,
    decode: (bytes) => WaitRequest.decode(bytes),
    async handle(request, call) {
      const exit = await waitForExit(source, call.caller, waitRequest(request), call.signal);
      const { status: exitStatus, exitedAt, cursor, pid } = exit;
      return { exitStatus, exitedAt: timestampFromNanos(exitedAt), cursor, pid };
    },
    encode: (response) => WaitResponse.encode(response).finish(),
  };
}

function describeMethod(
  broker: Broker,
  identity: ServerIdentity,
): UnaryMethod<DescribeRequest, DescribeResponse> {
  return {
    kind: 'unary',
    path: HistoryService.describe.path,
    decode: (bytes) => DescribeRequest.decode(bytes),
    handle: async (_request, { caller }) =>
      describeResponse(await broker.describe(caller), identity),
    encode: (response) => DescribeResponse.encode(response).finish(),
  };
}
