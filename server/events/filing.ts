import { CONTAINER_TOPIC, RECORDING_TOPIC } from '../../protocol/docker-event.js';
import {
  CONTAINERD_CONTAINER_TOPIC,
  OBSERVED_EXEC_TOPIC,
  OBSERVED_RUN_TOPIC,
} from '../../protocol/recorder-topics.js';
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

/** A part of history: the entries of one container, or only those of its lifecycle. */
export interface Scope {
  /** Without a namespace: the containers with this id in all namespaces. */
  readonly key: ContainerKey | IdInAnyNamespace;
  /**
   * Only events about the container itself: that it was created, changed, started, paused or
   * deleted, and how its own process ended; nothing about its execs.
   */
  readonly lifecycleOnly: boolean;
}

interface IdInAnyNamespace {
  readonly namespace: undefined;
  readonly container: string;
}

/** How an envelope is stored; see `Classification` of the event store, and its `key.ts`. */
export interface Filing {
  readonly key: string | undefined;
  /** Lasting entries outlive ordinary ones under retention. */
  readonly retention: 'ordinary' | 'lasting';
}

/** The history's key for a scope. The entries of a lifecycle are the main ones of a container. */
export function scopeKey({ key: { namespace = '', container }, lifecycleOnly }: Scope): string {
  return lifecycleOnly ? `${namespace}\0${container}\0` : `${namespace}\0${container}`;
}

/** The prefix of the keys of all containers in a namespace. */
export function namespacePrefix(namespace: string): string {
  return `${namespace}\0`;
}

/** The container that a key of the history, without the suffix for main entries, stands for. */
export function containerOfKey(key: string): ContainerKey {
  const end = key.indexOf('\0');
  return { namespace: key.slice(0, end), container: key.slice(end + 1) };
}

/**
 * Topics of exits, and of the other events about a container itself. Without the start of a later
 * run, an older exit would be taken for the container's state; without its creation, an exit has
 * no name.
 */
export const LASTING_TOPICS: ReadonlySet<string> = new Set([
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
  CONTAINERD_CONTAINER_TOPIC,
  OBSERVED_RUN_TOPIC,
  OBSERVED_EXEC_TOPIC,
  '/namespaces/create',
  '/namespaces/update',
  '/namespaces/delete',
]);

/** Whether entries of a topic may last: they do if they are about a container, and not large. */
export function outlastsOthers(topic: string): boolean {
  return LASTING_TOPICS.has(topic);
}

/**
 * Largest envelope that lasts. Events of lifecycles are far smaller, and larger ones would push
 * them out of the space for lasting entries.
 */
export const MAX_LASTING_BYTES = 64 * 1024;

/** @param bytes length of the encoded envelope */
export function fileEnvelope(
  namespace: string,
  topic: string,
  subject: Subject | undefined,
  bytes: number,
): Filing {
  // Only events of the built-in types are about a container.
  if (subject === undefined) return { key: undefined, retention: 'ordinary' };
  const isLasting = outlastsOthers(topic) && bytes <= MAX_LASTING_BYTES;
  const retention = isLasting ? 'lasting' : 'ordinary';
  const { container, isLifecycle } = subject;
  return {
    key: scopeKey({ key: { namespace, container }, lifecycleOnly: isLifecycle }),
    retention,
  };
}

/** How an encoded containerd.types.Envelope is stored. */
export function filingOf(envelope: Uint8Array): Filing {
  const { namespace, topic, subject } = decodedFields(envelope);
  return fileEnvelope(namespace, topic, subject, envelope.length);
}
