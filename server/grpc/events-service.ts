import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { FoghornError } from '../../protos/errors.js';
import type {
  OpaqueForwardRequest,
  OpaquePublishRequest,
} from '../../protos/gen/foghorn/v1/envelope.js';
import {
  EventsService,
  type SubscribeRequest,
} from '../../protos/gen/services/events/v1/events.js';
import type { Broker } from '../broker/broker.js';
import type { SubscriptionMessage } from '../broker/subscription-message.js';
import { goFormatWithoutArguments } from '../events/go-text.js';
import { answer } from './answer.js';
import { decodeForwardRequest, decodePublishRequest } from './decode-request.js';
import { compileFilters } from './filters.js';
import { firstValue } from './first-value.js';
import { streamTo, type StreamShape } from './stream.js';
import { readMetadata } from './subscribe-metadata.js';

const NAMESPACE = 'containerd-namespace';
/** Optional: makes another Publish with the same id a duplicate. */
const PUBLISH_ID = 'foghorn-publish-id';
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
export function eventsImplementation(broker: Broker, log: Logger): UntypedServiceImplementation {
  const publish: handleUnaryCall<OpaquePublishRequest, unknown> = (call, callback) => {
    const namespace = firstValue(call.metadata, NAMESPACE);
    const publishId = firstValue(call.metadata, PUBLISH_ID) ?? '';
    const { topic, event } = call.request;
    const accepted = broker.publish({ namespace, topic, event, publishId });
    answer(accepted.catch(throwAsContainerdSays), callback, log);
  };
  const forward: handleUnaryCall<OpaqueForwardRequest, unknown> = (call, callback) => {
    const accepted = broker.forward(call.request.envelope);
    answer(accepted.catch(throwAsContainerdSays), callback, log);
  };
  const subscribe: handleServerStreamingCall<SubscribeRequest, Uint8Array> = (call) => {
    const subscription = async (signal: AbortSignal) => {
      const filter = compileFilters(call.request.filters);
      const { start, until } = readMetadata(call.metadata);
      const options = { filter, scope: undefined, stopWhenCaughtUp: false, limit: Infinity };
      return broker.subscribe({ ...options, start, until, onGap: 'fail' }, signal);
    };
    void streamTo(call, subscription, ENVELOPES, log);
  };
  return { publish, forward, subscribe };
}

/** containerd has no word for anything but events. */
const ENVELOPES: StreamShape<SubscriptionMessage> = {
  encode: (message) => (message.kind === 'entries' ? message.entries.map(({ wire }) => wire) : []),
};

/** containerd takes its texts for Go formats once more before it sends them, which shows in names with a percent sign. */
function throwAsContainerdSays(error: unknown): never {
  if (!(error instanceof FoghornError) || error.code !== 'INVALID_ARGUMENT') throw error;
  throw new FoghornError(error.code, goFormatWithoutArguments(error.message), { cause: error });
}
