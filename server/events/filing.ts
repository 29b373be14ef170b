import { CONTAINER_TOPIC, RECORDING_TOPIC } from '../../protocol/docker-event.js';
import { decodedFields } from './event-fields.js';
import type { Subject } from './container-key.js';
import { DOCKER_LIFECYCLE } from './filed-types.js';

/** A container within its containerd namespace; an image, volume or network that a Docker engine tells of is filed like one. */
export interface ContainerKey {
  readonly namespace: string;
  readonly container: string;
}

/** How the store files an entry. */
export interface Filing {
  /** The container that it is about, if it is about one. */
  readonly key: ContainerKey | undefined;
  /**
   * Whether it tells of the container itself: that it was made, changed, started, paused or removed, and how its own process
   * ended; not of its execs. Never without a key.
   */
  readonly isLifecycle: boolean;
  /** Whether it outlasts other entries under retention. */
  readonly outlasts: boolean;
}

/**
 * How something ended, and what else tells of a container itself: without the beginning of the run that goes on, the end of
 * the one before it would be taken for the answer to how it ended, and without its creation an exit has no name.
 */
const LASTING_TOPICS: ReadonlySet<string> = new Set([
  '/tasks/exit',
  '/tasks/oom',
  '/tasks/delete',
  '/tasks/create',
  '/tasks/start',
  '/tasks/paused',
  '/tasks/resumed',
  '/containers/create',
  '/containers/update',
  '/containers/delete',
  ...[...DOCKER_LIFECYCLE].map((action) => `/docker/container/${action}`),
  RECORDING_TOPIC,
  CONTAINER_TOPIC,
]);

/** Whether entries of a topic outlast others under retention. */
export function outlastsOthers(topic: string): boolean {
  return LASTING_TOPICS.has(topic);
}

/** How an envelope with these fields is filed. */
export function fileEnvelope(
  namespace: string,
  topic: string,
  subject: Subject | undefined,
): Filing {
  const outlasts = outlastsOthers(topic);
  if (subject === undefined) return { key: undefined, isLifecycle: false, outlasts };
  return {
    key: { namespace, container: subject.container },
    isLifecycle: subject.isLifecycle,
    outlasts,
  };
}

/** How an encoded containerd.types.Envelope is filed. */
export function filingOf(envelope: Uint8Array): Filing {
  const { namespace, topic, subject } = decodedFields(envelope);
  return fileEnvelope(namespace, topic, subject);
}
