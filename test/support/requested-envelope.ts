import { readEncodedAny } from '../../protocol/wire/any.js';
import { requestedEnvelope, type RequestedEnvelope } from '../../protocol/wire/event-requests.js';
import { OpaqueEnvelope } from '../../protos/gen/foghorn/v1/envelope.js';

/** An encoded envelope as a broker takes it. */
export function requestedEnvelopeIn(bytes: Uint8Array): RequestedEnvelope {
  const envelope = OpaqueEnvelope.decode(bytes);
  return requestedEnvelope(envelope, envelope.event && readEncodedAny(envelope.event));
}
