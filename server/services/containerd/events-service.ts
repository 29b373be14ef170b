import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Logger } from 'pino';
import {
  EventsService,
  type SubscribeRequest,
} from '../../../protos/gen/services/events/v1/events.js';
import type { Broker } from '../../broker/broker.js';
import type { SubscriptionMessage } from '../../broker/subscription-message.js';
import { answer } from '../../grpc/answer.js';
import { decodeForwardRequest, decodePublishRequest } from '../../grpc/decode-request.js';
import { compileFilters } from '../filters.js';
import { firstValue } from '../../grpc/first-value.js';
import type { PublishMethods } from './publish-methods.js';
import { streamTo, type StreamShape } from '../../grpc/stream.js';
import { readMetadata } from './subscribe-metadata.js';
import type { UnaryMethod } from '../../grpc/unary/unary-method.js';

const EMPTY = Buffer.alloc(0);
const emptyReply = (): Buffer => EMPTY;

/** containerd's service, with payloads as opaque bytes and with messages that are serialized already. */
export const eventsDefinition = {
  publish: {
    ...EventsService.publish,
    requestDeserialize: decodePublishRequest,
    responseSerialize: emptyReply,
  },
  forward: {
    ...EventsService.forward,
    requestDeserialize: decodeForwardRequest,
    responseSerialize: emptyReply,
  },
  subscribe: { ...EventsService.subscribe, responseSerialize: (bytes: Buffer) => bytes },
} satisfies ServiceDefinition;

/** containerd.services.events.v1.Events over the broker: translation and nothing else. */
export function eventsImplementation(
  { publish, forward }: PublishMethods,
  broker: Broker,
  log: Logger,
): UntypedServiceImplementation {
  const subscribe: handleServerStreamingCall<SubscribeRequest, Uint8Array> = (call) => {
    const subscription = async () => {
      const filter = compileFilters(call.request.filters);
      const { start, until } = readMetadata(call.metadata);
      return broker.subscribe({
        filter,
        scope: undefined,
        start,
        until,
        stopWhenCaughtUp: false,
        limit: Infinity,
        onGap: 'fail',
      });
    };
    void streamTo(call, subscription, ENVELOPES, log);
  };
  return { publish: unary(publish, log), forward: unary(forward, log), subscribe };
}

function unary<Request>(
  method: UnaryMethod<Request>,
  log: Logger,
): handleUnaryCall<Request, unknown> {
  return ({ request, metadata }, callback) => {
    answer(
      method.accept(request, (key) => firstValue(metadata, key)),
      callback,
      log,
    );
  };
}

/** containerd has no word for anything but events. */
const ENVELOPES: StreamShape<SubscriptionMessage> = {
  encode: (message) => (message.kind === 'entries' ? message.entries.map(({ wire }) => wire) : []),
};
