import { FoghornError } from '../../protocol/errors.js';
import { OpaqueAppendRequest, type OpaqueNewEvent } from '../../protos/gen/foghorn/v1/envelope.js';
import type { NewEvent } from '../broker/append.js';
import { FieldSteps } from '../events/field-steps.js';
import { RecentTexts } from '../events/recent-texts.js';
import { checkAny } from './decode-request.js';

/** What an AppendRequest asks for. */
export interface AppendRequest {
  /** What each event asks for; an error for one that asks for nothing that can be understood. A namespace may be empty. */
  readonly events: readonly (NewEvent | FoghornError)[];
  /** How large the request was. */
  readonly bytes: number;
}

/** AppendRequest.events and NewEvent.publish. */
const EVENT_TAG = 0x0a;
const PUBLISH_TAG = 0x0a;
/** Of Publication. */
const NAMESPACE_TAG = 0x0a;
const TOPIC_TAG = 0x12;
const PAYLOAD_TAG = 0x1a;
const PUBLISH_ID_TAG = 0x22;

const NO_ID = new Uint8Array();

const names = new RecentTexts();

/**
 * Throws for bytes that are no AppendRequest. One of publications with their fields in order, as encoders write them, is read by
 * hand (see decision 20), any other one by the generated decoder.
 */
export function decodeAppendRequest(bytes: Buffer): AppendRequest {
  const events = readPublications(bytes) ?? OpaqueAppendRequest.decode(bytes).events.map(newEvent);
  return { events, bytes: bytes.length };
}

/** Undefined when there is anything else among them. */
function readPublications(bytes: Buffer): (NewEvent | FoghornError)[] | undefined {
  const steps = new FieldSteps(bytes);
  const events: (NewEvent | FoghornError)[] = [];
  while (steps.over(EVENT_TAG, bytes.length)) {
    const event = readPublication(bytes, steps);
    if (event === undefined) return undefined;
    events.push(event);
  }
  return steps.pos === bytes.length ? events : undefined;
}

/** The publication that is the event stepped over last; undefined when it is none, or not in the form that encoders write. */
function readPublication(bytes: Buffer, steps: FieldSteps): NewEvent | FoghornError | undefined {
  const end = steps.into();
  if (!steps.over(PUBLISH_TAG, end) || steps.into() !== end) return undefined;
  const namespace = steps.over(NAMESPACE_TAG, end) ? names.read(bytes, steps.begin, steps.end) : '';
  const topic = steps.over(TOPIC_TAG, end) ? names.read(bytes, steps.begin, steps.end) : '';
  const event = steps.over(PAYLOAD_TAG, end) ? bytes.subarray(steps.begin, steps.end) : undefined;
  const publishId = steps.over(PUBLISH_ID_TAG, end)
    ? bytes.subarray(steps.begin, steps.end)
    : NO_ID;
  if (steps.pos !== end) return undefined;
  return refusalOf(event) ?? { kind: 'publish', namespace, topic, event, publishId };
}

function newEvent({ event }: OpaqueNewEvent): NewEvent | FoghornError {
  if (event === undefined) return invalid('expected an event to publish or an envelope to forward');
  const refusal = refusalOf(event.value.event);
  if (refusal !== undefined) return refusal;
  if (event.$case === 'forward') return { kind: 'forward', envelope: event.value };
  const { namespace, topic, event: payload, publishId } = event.value;
  return { kind: 'publish', namespace, topic, event: payload, publishId: Buffer.from(publishId) };
}

function refusalOf(event: Uint8Array | undefined): FoghornError | undefined {
  try {
    checkAny(event);
    return undefined;
  } catch (error) {
    return invalid(`the payload is no google.protobuf.Any: ${(error as Error).message}`);
  }
}

function invalid(text: string): FoghornError {
  return new FoghornError('INVALID_ARGUMENT', text);
}
