import { OpaqueEnvelope } from '../../protos/gen/foghorn/v1/envelope.js';
import { subjectOf } from './container-key.js';

/** A container within its containerd namespace. */
export interface ContainerKey {
  readonly namespace: string;
  readonly container: string;
}

/** How the store files an entry. */
export interface Filing {
  /** The container that it is about, if it is about one. */
  readonly key: ContainerKey | undefined;
  /** Whether it tells of a run of the container's own process; never without a key. */
  readonly isRun: boolean;
  /** Whether it outlasts other entries under retention. */
  readonly isExit: boolean;
}

/** Entries of these topics say how something ended. */
const EXIT_TOPICS = new Set(['/tasks/exit', '/tasks/oom', '/tasks/delete', '/containers/delete']);

export function isExitTopic(topic: string): boolean {
  return EXIT_TOPICS.has(topic);
}

/** How an envelope with these fields is filed. */
export function fileEnvelope({
  namespace,
  topic,
  event,
}: Pick<OpaqueEnvelope, 'namespace' | 'topic' | 'event'>): Filing {
  const isExit = isExitTopic(topic);
  const subject = event && subjectOf(event);
  if (subject === undefined) return { key: undefined, isRun: false, isExit };
  return { key: { namespace, container: subject.container }, isRun: subject.isRun, isExit };
}

/** How an encoded containerd.types.Envelope is filed. */
export function filingOf(envelope: Uint8Array): Filing {
  return fileEnvelope(OpaqueEnvelope.decode(envelope));
}
