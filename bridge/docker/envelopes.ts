import { timestampFromNanos } from '../../client/index.js';
import type { Envelope } from '../../client/index.js';
import { CONTAINER_TOPIC, dockerTopic, RECORDING_TOPIC } from '../../protocol/docker-event.js';
import {
  DockerContainer,
  DockerEvent,
  DockerRecording,
} from '../../protos/gen/foghorn/v1/docker.js';

const EVENT_TYPE = 'foghorn.v1.DockerEvent';
const RECORDING_TYPE = 'foghorn.v1.DockerRecording';
const CONTAINER_TYPE = 'foghorn.v1.DockerContainer';

/** Encodes an event. Equal events have equal bytes, by which the broker recognizes duplicates. */
export function eventEnvelope(namespace: string, event: DockerEvent): Envelope {
  return {
    timestamp: timestampFromNanos(event.timeNano),
    namespace,
    topic: dockerTopic(event),
    event: { typeUrl: EVENT_TYPE, value: encodeEvent(event) },
  };
}

/** @param time when the recording began or was confirmed, in nanoseconds since 1970 */
export function recordingEnvelope(
  namespace: string,
  time: bigint,
  recording: Partial<DockerRecording>,
): Envelope {
  const value = DockerRecording.encode(DockerRecording.fromPartial(recording)).finish();
  return {
    timestamp: timestampFromNanos(time),
    namespace,
    topic: RECORDING_TOPIC,
    event: { typeUrl: RECORDING_TYPE, value: Buffer.from(value) },
  };
}

/** @param time when the engine was asked, in nanoseconds since 1970 */
export function containerEnvelope(
  namespace: string,
  time: bigint,
  container: DockerContainer,
): Envelope {
  return {
    timestamp: timestampFromNanos(time),
    namespace,
    topic: CONTAINER_TOPIC,
    event: {
      typeUrl: CONTAINER_TYPE,
      value: Buffer.from(DockerContainer.encode(container).finish()),
    },
  };
}

/** Returns the engine's event in an envelope; undefined for another or an undecodable payload. */
export function dockerEventIn(envelope: Pick<Envelope, 'event'>): DockerEvent | undefined {
  return payloadIn(envelope, EVENT_TYPE, DockerEvent);
}

/**
 * Returns an engine's description of a container; undefined for another or an undecodable payload.
 */
export function dockerContainerIn(envelope: Pick<Envelope, 'event'>): DockerContainer | undefined {
  return payloadIn(envelope, CONTAINER_TYPE, DockerContainer);
}

function payloadIn<Message>(
  { event }: Pick<Envelope, 'event'>,
  typeUrl: string,
  type: { decode(bytes: Uint8Array): Message },
): Message | undefined {
  if (event?.typeUrl !== typeUrl) return undefined;
  try {
    return type.decode(event.value);
  } catch {
    return undefined;
  }
}

/** Returns a key that identifies an event, whether or not it was replayed from memory. */
export function identityOf(event: DockerEvent): string {
  return encodeEvent({ ...event, replayed: false }).toString('latin1');
}

function encodeEvent(event: DockerEvent): Buffer {
  const attributes = new Map([...event.attributes].sort(([a], [b]) => (a < b ? -1 : 1)));
  return Buffer.from(DockerEvent.encode({ ...event, attributes }).finish());
}
