import { gzipSync } from 'node:zlib';
import { ConsumeRequest, ConsumersService } from '../../protos/gen/foghorn/v1/consumers.js';
import {
  AppendRequest,
  HistoryService,
  ReadRequest,
  WaitRequest,
} from '../../protos/gen/foghorn/v1/history.js';
import {
  EventsService,
  ForwardRequest,
  PublishRequest,
  SubscribeRequest,
} from '../../protos/gen/containerd/services/events/v1/events.js';
import { NamespacesService } from '../../protos/gen/containerd/services/namespaces/v1/namespace.js';
import { exitEnvelope, exitEvent } from '../../test/support/envelopes.js';
import { fieldsOf, pseudoFields, type FieldPair } from '../../test/support/http2/hpack.js';
import { frame } from '../../test/support/raw-http2.js';
import type { Random } from '../random.js';
import type { RequestMaker } from './target.js';

interface Method {
  readonly path: string;
  /** A message that the method accepts. */
  readonly message: (random: Random) => Uint8Array;
}

const container = { namespace: 'default', containerId: 'c1' };
const topic = '/tasks/exit';
/** So few that the keys by which duplicates are found do not look like a leak. */
const MAX_EXIT = 1000;

const METHODS: readonly Method[] = [
  {
    path: EventsService.publish.path,
    message: (random) => PublishRequest.encode({ topic, event: eventOf(random) }).finish(),
  },
  {
    path: EventsService.forward.path,
    message: (random) =>
      ForwardRequest.encode({ envelope: exitEnvelope(random.between(1, MAX_EXIT)) }).finish(),
  },
  {
    path: EventsService.subscribe.path,
    message: (random) => {
      const filters = random.chance(0.5) ? [] : ['event.container_id==c1', `topic==${topic}`];
      return SubscribeRequest.encode({ filters }).finish();
    },
  },
  {
    path: HistoryService.append.path,
    message(random) {
      const value = { namespace: '', topic, event: eventOf(random), publishId: '' };
      const event = { event: { $case: 'publish' as const, value } };
      return AppendRequest.encode({ events: [event, event] }).finish();
    },
  },
  {
    path: HistoryService.read.path,
    message(random) {
      const request = ReadRequest.fromPartial({
        start: { $case: 'earliest', value: {} },
        stopWhenCaughtUp: random.chance(0.5),
        ...(random.chance(0.3) ? { container } : {}),
      });
      return ReadRequest.encode(request).finish();
    },
  },
  {
    path: HistoryService.wait.path,
    message: () => WaitRequest.encode(WaitRequest.fromPartial({ container })).finish(),
  },
  {
    path: ConsumersService.consume.path,
    message(random) {
      const value = random.between(0, 1000);
      return ConsumeRequest.encode({ message: { $case: 'credit', value } }).finish();
    },
  },
  ...[
    HistoryService.describe,
    HistoryService.containers,
    HistoryService.runs,
    ConsumersService.list,
    NamespacesService.list,
  ].map(({ path }) => ({ path, message: () => new Uint8Array() })),
  { path: '/grpc.health.v1.Health/Check', message: () => new Uint8Array() },
  { path: '/grpc.health.v1.Health/Watch', message: () => new Uint8Array() },
  { path: '/unknown.Service/Method', message: () => new Uint8Array() },
];

function eventOf(random: Random): ReturnType<typeof exitEvent> {
  return exitEvent(random.between(1, MAX_EXIT));
}

const FIELDS: readonly FieldPair[] = [
  ['containerd-namespace', 'default'],
  ['containerd-namespace', 'no namespace'],
  ['grpc-timeout', '20m'],
  ['grpc-timeout', '1H'],
  ['grpc-timeout', '-1S'],
  ['grpc-encoding', 'gzip'],
  ['grpc-encoding', 'unknown'],
  ['grpc-accept-encoding', 'gzip,deflate'],
  ['foghorn-publish-id', 'same'],
  ['some-bin', 'AAEC'],
  ['some-bin', '%%%'],
];

/** Calls of every kind of method, with messages that come whole, in parts, or compressed. */
export const makeCall: RequestMaker = (random) => {
  const { path, message } = random.pick(METHODS);
  const contentType = random.chance(0.95) ? 'application/grpc' : 'text/plain';
  const fields = Array.from({ length: random.between(0, 3) }, () => random.pick(FIELDS));
  const head = fieldsOf(['te', 'trailers'], ['content-type', contentType], ...fields);
  let rest: Buffer = Buffer.alloc(0);
  return {
    head: Buffer.concat([pseudoFields(path), head]),
    body() {
      if (rest.length === 0) rest = framed(message(random), random);
      const part = rest.subarray(0, random.chance(0.7) ? rest.length : random.between(0, 20));
      rest = rest.subarray(part.length);
      return part;
    },
  };
};

function framed(message: Uint8Array, random: Random): Buffer {
  const isCompressed = random.chance(0.1);
  const bytes = frame(isCompressed ? gzipSync(message) : message);
  if (isCompressed) bytes[0] = 1;
  return bytes;
}
