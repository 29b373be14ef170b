import {
  decodeForwardRequest,
  decodePublishRequest,
  type RequestedForward,
  type RequestedPublish,
} from '../../../protocol/wire/event-requests.js';
import { EventsService } from '../../../protos/gen/containerd/services/events/v1/events.js';
import type { Broker } from '../../broker/broker.js';
import { inCallTrace } from '../../broker/event-trace.js';
import type { UnaryMethod } from '../service.js';
import { withContainerdText } from './containerd-text.js';

const NAMESPACE = 'containerd-namespace';
/** Optional: makes another Publish with the same id a duplicate. */
const PUBLISH_ID = 'foghorn-publish-id';

const EMPTY = Buffer.alloc(0);
const emptyResponse = (): Uint8Array => EMPTY;

export function publishMethod(broker: Broker): UnaryMethod<RequestedPublish> {
  return {
    kind: 'unary',
    path: EventsService.publish.path,
    decode: decodePublishRequest,
    handle({ topic, event }, call) {
      const namespace = call.metadata(NAMESPACE);
      const id = call.metadata(PUBLISH_ID);
      const publishId = id === undefined ? EMPTY : Buffer.from(id);
      const { caller, trace } = call;
      const published =
        trace === undefined
          ? { namespace, topic, event, publishId }
          : { namespace, topic, event, publishId, trace };
      return broker.intake.publish(caller, published);
    },
    visibleError: withContainerdText,
    encode: emptyResponse,
  };
}

export function forwardMethod(broker: Broker): UnaryMethod<RequestedForward> {
  return {
    kind: 'unary',
    path: EventsService.forward.path,
    decode: decodeForwardRequest,
    handle: ({ envelope }, { caller, trace }) =>
      broker.intake.forward(caller, envelope && inCallTrace(envelope, trace)),
    visibleError: withContainerdText,
    encode: emptyResponse,
  };
}
