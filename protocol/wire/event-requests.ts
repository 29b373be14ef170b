import {
  OpaqueForwardRequest,
  OpaquePublishRequest,
} from '../../protos/gen/foghorn/v1/envelope.js';
import { checkAny } from './any.js';

/*
 * Requests of containerd's Events service. Payloads are carried as they came, but one that is not a
 * google.protobuf.Any would be an error to every subscriber that decodes its envelope. It is
 * therefore an error to its publisher, as with containerd: grpc-js answers INTERNAL when these throw.
 */

/** Throws for bytes that are no PublishRequest. */
export function decodePublishRequest(bytes: Uint8Array): OpaquePublishRequest {
  const request = OpaquePublishRequest.decode(bytes);
  if (request.event !== undefined) checkAny(request.event);
  return request;
}

/** Throws for bytes that are no ForwardRequest. */
export function decodeForwardRequest(bytes: Uint8Array): OpaqueForwardRequest {
  const request = OpaqueForwardRequest.decode(bytes);
  const event = request.envelope?.event;
  if (event !== undefined) checkAny(event);
  return request;
}
