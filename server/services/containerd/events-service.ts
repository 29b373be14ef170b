import { FoghornError } from '../../../protocol/errors.js';
import { EventsService, SubscribeRequest } from '../../../protos/gen/services/events/v1/events.js';
import type { Broker } from '../../broker/broker.js';
import type { SubscriptionMessage } from '../../broker/subscription-message.js';
import { goFormatWithoutArguments } from '../../events/go-text.js';
import {
  decodeForwardRequest,
  decodePublishRequest,
  type RequestedForward,
  type RequestedPublish,
} from '../../../protocol/wire/event-requests.js';
import { compileFilters } from '../filters.js';
import type { Method, ServerStreamMethod, UnaryMethod } from '../service.js';
import { readMetadata } from './subscribe-metadata.js';

const NAMESPACE = 'containerd-namespace';
/** Optional: makes another Publish with the same id a duplicate. */
const PUBLISH_ID = 'foghorn-publish-id';

const EMPTY = Buffer.alloc(0);
const emptyResponse = (): Uint8Array => EMPTY;

/** containerd.services.events.v1.Events over the broker. Payloads are opaque bytes. */
export function eventsService(broker: Broker): readonly Method[] {
  return [publishMethod(broker), forwardMethod(broker), subscribeMethod(broker)];
}

function publishMethod(broker: Broker): UnaryMethod<RequestedPublish> {
  return {
    kind: 'unary',
    path: EventsService.publish.path,
    decode: decodePublishRequest,
    handle({ topic, event }, call) {
      const namespace = call.metadata(NAMESPACE);
      const publishId = Buffer.from(call.metadata(PUBLISH_ID) ?? '');
      const accepted = broker.publish({ namespace, topic, event, publishId });
      return accepted.catch(throwWithContainerdText);
    },
    encode: emptyResponse,
  };
}

function forwardMethod(broker: Broker): UnaryMethod<RequestedForward> {
  return {
    kind: 'unary',
    path: EventsService.forward.path,
    decode: decodeForwardRequest,
    handle: ({ envelope }) => broker.forward(envelope).catch(throwWithContainerdText),
    encode: emptyResponse,
  };
}

function subscribeMethod(
  broker: Broker,
): ServerStreamMethod<SubscribeRequest, SubscriptionMessage> {
  return {
    kind: 'server stream',
    path: EventsService.subscribe.path,
    decode: (bytes) => SubscribeRequest.decode(bytes),
    async open(request, call) {
      const filter = compileFilters(request.filters);
      const { start, until } = readMetadata(call);
      return broker.subscribe({
        filter,
        scope: undefined,
        start,
        until,
        stopWhenCaughtUp: false,
        limit: Infinity,
        onGap: 'fail',
      });
    },
    /** containerd's API has no message but events. */
    encode: (message) =>
      message.kind === 'entries' ? message.entries.map(({ wire }) => wire) : [],
  };
}

/**
 * containerd formats its error texts a second time before it sends them, without arguments. That
 * shows in names with a percent sign.
 */
function throwWithContainerdText(error: unknown): never {
  if (!(error instanceof FoghornError) || error.code !== 'INVALID_ARGUMENT') throw error;
  throw new FoghornError(error.code, goFormatWithoutArguments(error.message), { cause: error });
}
