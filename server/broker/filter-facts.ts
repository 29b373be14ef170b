import { isContainerId } from '../../protocol/identifier.js';
import { outlastsOthers, type Scope } from '../events/filing.js';
import { Operator, type Filter, type FilterSet } from '../filter/index.js';

/**
 * The container that every event which passes the filter is filed under, in one namespace or in
 * any. Undefined if the filter does not name one.
 *
 * Only a single filter with an `event.container_id` names one, and only while all payload types
 * with such a field are filed under it.
 */
export function containerOfFilter({ filters }: FilterSet): Scope['key'] | undefined {
  const [filter, ...others] = filters;
  if (filter === undefined || others.length > 0) return undefined;
  const container = equalityValue(filter, ['event', 'container_id']);
  if (!container || !isContainerId(container)) return undefined;
  return { namespace: equalityValue(filter, ['namespace']), container };
}

/** Whether only lasting entries can pass: each of the filters names the topic of some. */
export function wantsOnlyLasting({ filters }: FilterSet): boolean {
  const namesLasting = (filter: Filter): boolean =>
    outlastsOthers(equalityValue(filter, ['topic']) ?? '');
  return filters.length > 0 && filters.every(namesLasting);
}

/** The namespaces that the filters name by equality. */
export function namedNamespaces({ filters }: FilterSet): string[] {
  const named = filters.map((filter) => equalityValue(filter, ['namespace']));
  return named.filter((namespace) => namespace !== undefined);
}

/** The value that the field at a path has to equal. */
function equalityValue({ selectors }: Filter, path: readonly string[]): string | undefined {
  for (const selector of selectors) {
    if (selector.operator !== Operator.equal) continue;
    if (path.every((name, i) => selector.path[i] === name)) return selector.value;
  }
  return undefined;
}
