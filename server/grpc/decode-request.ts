import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import {
  OpaqueForwardRequest,
  OpaquePublishRequest,
} from '../../protos/gen/foghorn/v1/envelope.js';
import { isOrdinaryAny } from '../events/ordinary-any.js';

/*
 * Payloads are carried as they came, but bytes that are no google.protobuf.Any would be an error to every subscriber that
 * decodes its envelopes. So they are an error to their publisher, as with containerd: grpc-js answers INTERNAL to what throws.
 */

/** Throws for bytes that are no PublishRequest. */
export function decodePublishRequest(bytes: Uint8Array): OpaquePublishRequest {
  const request = OpaquePublishRequest.decode(bytes);
  checkAny(request.event);
  return request;
}

/** Throws for bytes that are no ForwardRequest. */
export function decodeForwardRequest(bytes: Uint8Array): OpaqueForwardRequest {
  const request = OpaqueForwardRequest.decode(bytes);
  checkAny(request.envelope?.event);
  return request;
}

const TYPE_URL_FIELD = 1;

/**
 * Throws for bytes that are no google.protobuf.Any. Any fields may follow or be missing, but all must be whole, and the type
 * must be valid UTF-8.
 */
export function checkAny(event: Uint8Array | undefined): void {
  if (event === undefined || isOrdinaryAny(event)) return;
  const reader = new BinaryReader(event);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === TYPE_URL_FIELD && wireType === WireType.LengthDelimited) reader.string(true);
    else reader.skip(wireType, field);
  }
}
