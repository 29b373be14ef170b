import { nanosFromTimestamp } from '../../../client/index.js';
import type { Client, Entry } from '../../../client/index.js';
import { dockerEventJson } from '../../../protocol/docker-event.js';
import {
  DockerContainer,
  DockerEvent,
  DockerRecording,
} from '../../../protos/gen/foghorn/v1/docker.js';

/** An entry that `foghorn bridge docker` has made. */
export interface Recorded {
  readonly namespace: string;
  readonly topic: string;
  /** ns since 1970. */
  readonly time: bigint;
  /** The payload, if it is an event. */
  readonly event?: DockerEvent;
  /** The payload, if it is a recording. */
  readonly recording?: DockerRecording;
  /** The payload, if it is a container that the engine has described. */
  readonly container?: DockerContainer;
}

/** Whether an entry is an event that the engine reported. */
export function isEngineEvent({ event }: Entry): boolean {
  return event?.typeUrl === 'foghorn.v1.DockerEvent';
}

/** Everything that the bridge has stored, in the order of history. */
export async function recordedIn(broker: Client): Promise<Recorded[]> {
  const recorded: Recorded[] = [];
  for await (const message of broker.read({ start: 'earliest', stopWhenCaughtUp: true })) {
    if (message.kind !== 'entries') continue;
    for (const { namespace, topic, timestamp, event } of message.entries) {
      const place = { namespace, topic, time: nanosFromTimestamp(timestamp!) };
      const { typeUrl = '', value = new Uint8Array() } = event ?? {};
      if (typeUrl === 'foghorn.v1.DockerEvent') {
        recorded.push({ ...place, event: DockerEvent.decode(value) });
      } else if (typeUrl === 'foghorn.v1.DockerRecording') {
        recorded.push({ ...place, recording: DockerRecording.decode(value) });
      } else if (typeUrl === 'foghorn.v1.DockerContainer') {
        recorded.push({ ...place, container: DockerContainer.decode(value) });
      }
    }
  }
  return recorded;
}

/** The engine's events as it reported them, in the order of history. */
export async function linesIn(broker: Client): Promise<string[]> {
  const recorded = await recordedIn(broker);
  return recorded.flatMap(({ event }) => (event ? [lineOf(event)] : []));
}

/** The line in which an engine before API 1.52 reported an event. */
export function lineOf(event: DockerEvent): string {
  return event.exact || dockerEventJson(event, true);
}

/** The recordings, in the order of history. */
export async function recordingsIn(broker: Client): Promise<DockerRecording[]> {
  const recorded = await recordedIn(broker);
  return recorded.flatMap(({ recording }) => recording ?? []);
}

/** The containers that the engine has described, in the order of history. */
export async function describedIn(broker: Client): Promise<DockerContainer[]> {
  const recorded = await recordedIn(broker);
  return recorded.flatMap(({ container }) => container ?? []);
}
