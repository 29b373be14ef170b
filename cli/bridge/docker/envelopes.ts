import { timestampFromNanos } from '../../../client/index.js';
import type { Envelope } from '../../../client/index.js';
import { dockerTopic } from '../../../protos/docker-event.js';
import { DockerEvent, DockerRecording } from '../../../protos/gen/foghorn/v1/docker.js';

const EVENT_TYPE = 'foghorn.v1.DockerEvent';
const RECORDING_TYPE = 'foghorn.v1.DockerRecording';

export const RECORDING_TOPIC = '/foghorn/docker-recording';

/** The same event makes the same bytes, so that the broker knows it again. */
export function eventEnvelope(namespace: string, event: DockerEvent): Envelope {
  return {
    timestamp: timestampFromNanos(event.timeNano),
    namespace,
    topic: dockerTopic(event),
    event: { typeUrl: EVENT_TYPE, value: encodeEvent(event) },
  };
}

/** @param time when the recording begins or goes on, ns since 1970 */
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

/** The Docker engine's event in an envelope; undefined when there is another payload, or bytes that are none. */
export function dockerEventIn({ event }: Pick<Envelope, 'event'>): DockerEvent | undefined {
  if (event?.typeUrl !== EVENT_TYPE) return undefined;
  try {
    return DockerEvent.decode(event.value);
  } catch {
    return undefined;
  }
}

/** Text that is the same for the same event, whether or not it was told from memory, and for no other. */
export function identityOf(event: DockerEvent): string {
  return encodeEvent({ ...event, replayed: false }).toString('latin1');
}

function encodeEvent(event: DockerEvent): Buffer {
  const attributes = new Map([...event.attributes].sort(([a], [b]) => (a < b ? -1 : 1)));
  return Buffer.from(DockerEvent.encode({ ...event, attributes }).finish());
}
