import { isExit, outlasts } from './fact.js';
import type { Fact } from './fact.js';

/** A condition; all given fields must match. */
export interface Condition {
  readonly namespace?: string;
  readonly topic?: string;
  readonly topicPrefix?: string;
  readonly container?: string;
  readonly status?: number;
}

/**
 * Query of a reader: events that match any condition, or all events if the list is empty, of one
 * container if given.
 */
export interface Selection {
  readonly anyOf: readonly Condition[];
  readonly container?: { readonly namespace: string; readonly id: string };
}

/** Returns the filter expressions for a broker. */
export function filtersOf({ anyOf }: Selection): string[] {
  return anyOf.map(({ namespace, topic, topicPrefix, container, status }) =>
    [
      namespace !== undefined && `namespace==${quoted(namespace)}`,
      topic !== undefined && `topic==${quoted(topic)}`,
      topicPrefix !== undefined && `topic~=${quoted(`^${topicPrefix}`)}`,
      container !== undefined && `event.container_id==${quoted(container)}`,
      status !== undefined && `event.exit_status==${status}`,
    ]
      .filter((selector) => selector !== false)
      .join(','),
  );
}

/** Returns whether a fact matches, without the filter language. */
export function selects({ anyOf, container }: Selection, fact: Fact): boolean {
  if (container && (fact.namespace !== container.namespace || fact.container !== container.id)) {
    return false;
  }
  return anyOf.length === 0 || anyOf.some((condition) => holds(condition, fact));
}

/**
 * Returns whether a read from the beginning also gets lasting entries whose neighbours were
 * trimmed.
 */
export function getsKeptExits({ anyOf, container }: Selection): boolean {
  const onlyLasting = anyOf.length > 0 && anyOf.every(({ topic }) => outlasts({ topic }));
  return container !== undefined || onlyLasting;
}

function holds(
  { namespace, topic, topicPrefix, container, status }: Condition,
  fact: Fact,
): boolean {
  return (
    (namespace === undefined || fact.namespace === namespace) &&
    (topic === undefined || fact.topic === topic) &&
    (topicPrefix === undefined || fact.topic.startsWith(topicPrefix)) &&
    (container === undefined || fact.container === container) &&
    (status === undefined || (isExit(fact) && fact.status === status))
  );
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
