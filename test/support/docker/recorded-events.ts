import { dockerTopic, type DockerEventFields } from '../../../protocol/docker-event.js';
import {
  DockerContainer,
  DockerEvent,
  DockerRecording,
} from '../../../protos/gen/foghorn/v1/docker.js';
import type { Envelope } from '../../../protos/gen/containerd/types/event.js';
import { timestampFromNanos } from '../../../protocol/timestamp.js';

/** Returns the envelope in which `foghorn bridge docker` stores an event of an engine. */
export function recorded(
  event: Partial<DockerEvent> | DockerEventFields,
  namespace = 'default',
): Envelope {
  const complete: DockerEvent = {
    type: 'container',
    action: 'start',
    actorId: 'c1',
    attributes: new Map(),
    scope: 'local',
    timeNano: 0n,
    exact: '',
    replayed: false,
    filledIn: false,
    ...(event as Partial<DockerEvent>),
  };
  const value = Buffer.from(DockerEvent.encode(complete).finish());
  return {
    timestamp: timestampFromNanos(complete.timeNano),
    namespace,
    topic: dockerTopic(complete),
    event: { typeUrl: 'foghorn.v1.DockerEvent', value },
  };
}

/** Returns the description of a container by its engine, at a time in nanoseconds since 1970. */
export function described(
  container: DockerContainer,
  time: bigint,
  namespace = 'default',
): Envelope {
  const value = Buffer.from(DockerContainer.encode(container).finish());
  return {
    timestamp: timestampFromNanos(time),
    namespace,
    topic: '/foghorn/docker-container',
    event: { typeUrl: 'foghorn.v1.DockerContainer', value },
  };
}

/** Returns the envelope that begins a recording. */
export function recordingBegun(namespace = 'default'): Envelope {
  const recording = DockerRecording.fromPartial({ engine: '/run/docker.sock' });
  return {
    timestamp: { seconds: 1n, nanos: 0 },
    namespace,
    topic: '/foghorn/docker-recording',
    event: {
      typeUrl: 'foghorn.v1.DockerRecording',
      value: Buffer.from(DockerRecording.encode(recording).finish()),
    },
  };
}
