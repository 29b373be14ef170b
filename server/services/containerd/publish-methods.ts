import { FoghornError } from '../../../protocol/errors.js';
import type {
  OpaqueForwardRequest,
  OpaquePublishRequest,
} from '../../../protos/gen/foghorn/v1/envelope.js';
import { EventsService } from '../../../protos/gen/services/events/v1/events.js';
import type { Broker } from '../../broker/broker.js';
import { goFormatWithoutArguments } from '../../events/go-text.js';
import { decodeForwardRequest, decodePublishRequest } from '../../grpc/decode-request.js';
import type { UnaryMethod } from '../../grpc/unary/unary-method.js';

const NAMESPACE = 'containerd-namespace';
/** Optional: makes another Publish with the same id a duplicate. */
const PUBLISH_ID = 'foghorn-publish-id';

/** The methods of containerd's service that publishers call, over the broker. */
export interface PublishMethods {
  readonly publish: UnaryMethod<OpaquePublishRequest>;
  readonly forward: UnaryMethod<OpaqueForwardRequest>;
}

export function publishMethods(broker: Broker): PublishMethods {
  return {
    publish: {
      path: EventsService.publish.path,
      decode: decodePublishRequest,
      accept({ topic, event }, valueOf) {
        const namespace = valueOf(NAMESPACE);
        const publishId = Buffer.from(valueOf(PUBLISH_ID) ?? '');
        const accepted = broker.publish({ namespace, topic, event, publishId });
        return accepted.catch(throwAsContainerdSays);
      },
    },
    forward: {
      path: EventsService.forward.path,
      decode: decodeForwardRequest,
      accept: ({ envelope }) => broker.forward(envelope).catch(throwAsContainerdSays),
    },
  };
}

/** containerd takes its texts for Go formats once more before it sends them, which shows in names with a percent sign. */
function throwAsContainerdSays(error: unknown): never {
  if (!(error instanceof FoghornError) || error.code !== 'INVALID_ARGUMENT') throw error;
  throw new FoghornError(error.code, goFormatWithoutArguments(error.message), { cause: error });
}
