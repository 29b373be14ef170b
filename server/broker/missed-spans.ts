import { RECORDER_TOPIC, WHOLE_DAEMON_NAMESPACE } from '../../protocol/recorder-topics.js';
import type { EventView } from '../events/event-view.js';
import type { FilterSet } from '../filter/index.js';
import { namedNamespaces } from './filter-facts.js';

const TOPIC = ['topic'];

/** Whether an entry stands for a span in which a recorder may have missed events. */
export function isMissedSpan(entry: EventView): boolean {
  return entry.field(TOPIC) === RECORDER_TOPIC;
}

/** Finds the entries for spans in which events that pass the filters may be missing. */
export function missedSpansOf(filter: FilterSet): (entry: EventView) => boolean {
  const named = namedNamespaces(filter);
  if (named.length < filter.filters.length) return isMissedSpan;
  const namespaces = new Set([...named, WHOLE_DAEMON_NAMESPACE]);
  return (entry) => isMissedSpan(entry) && namespaces.has(entry.namespace);
}
