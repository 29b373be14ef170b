import { CONTAINER_TOPIC, RECORDING_TOPIC } from '../../protocol/docker-event.js';
import { decodedFields } from './event-fields.js';
import type { Subject } from './container-key.js';
import { DOCKER_LIFECYCLE } from './filed-types.js';

/**
 * A container within its containerd namespace. Images, volumes and networks that a Docker engine
 * reports are filed like containers.
 */
export interface ContainerKey {
  readonly namespace: string;
  readonly container: string;
}

/** How a store files an entry. */
export interface Filing {
  /** The container that the event is about, if any. */
  readonly key: ContainerKey | undefined;
  /**
   * Whether the event is about the container itself: that it was created, changed, started, paused or
   * deleted, and how its own process ended; not about its execs. Never true without a key.
   */
  readonly isLifecycle: boolean;
  /** Whether retention keeps the entry longer than others. */
  readonly outlasts: boolean;
}

/**
 * Topics of exits, and of the other events about a container itself. Without the start of a later
 * run, an older exit would be taken for the container's state; without its creation, an exit has no
 * name.
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

/** Whether retention keeps entries of a topic longer than others. */
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
