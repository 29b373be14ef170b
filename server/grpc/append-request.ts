import { FoghornError } from '../../protos/errors.js';
import type { OpaqueNewEvent } from '../../protos/gen/foghorn/v1/envelope.js';
import type { NewEvent } from '../broker/append.js';
import { checkAny } from './decode-request.js';

/** What an AppendRequest's event asks for; an error when it asks for nothing that can be understood. */
export function newEvent(
  { event }: OpaqueNewEvent,
  headerNamespace: string | undefined,
): NewEvent | FoghornError {
  const refusal = refusalOf(event);
  if (refusal !== undefined) return new FoghornError('INVALID_ARGUMENT', refusal);
  if (event?.$case !== 'publish') return { kind: 'forward', envelope: event?.value };
  const { namespace, topic, event: payload, publishId } = event.value;
  return {
    kind: 'publish',
    namespace: namespace || headerNamespace,
    topic,
    event: payload,
    publishId,
  };
}

function refusalOf(event: OpaqueNewEvent['event']): string | undefined {
  if (event === undefined) return 'expected an event to publish or an envelope to forward';
  try {
    checkAny(event.value.event);
    return undefined;
  } catch (error) {
    return `the payload is no google.protobuf.Any: ${(error as Error).message}`;
  }
}
