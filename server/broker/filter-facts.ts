import { isFiled } from '../events/container-key.js';
import { outlastsOthers } from '../events/filing.js';
import { Operator, type Filter, type FilterSet, type Selector } from '../filter/index.js';
import type { Scope } from '../history/store.js';

/**
 * The container that everything which passes the filter is filed under, in one namespace or in any, if the filter says so:
 * then the store finds it without a scan. That takes one filter that names an `event.container_id`, which exists only in
 * events that are filed under it, as long as no payload type is a user's.
 */
export function containerOfFilter({ filters }: FilterSet): Scope['key'] | undefined {
  const [filter, ...others] = filters;
  if (filter === undefined || others.length > 0) return undefined;
  const container = valueOf(filter.selectors, ['event', 'container_id']);
  if (!container || !isFiled(container)) return undefined;
  return { namespace: valueOf(filter.selectors, ['namespace']), container };
}

/** Whether nothing can pass but what outlasts others: each of the filters names such a topic. */
export function wantsOnlyLasting({ filters }: FilterSet): boolean {
  const namesLasting = ({ selectors }: Filter): boolean =>
    outlastsOthers(valueOf(selectors, ['topic']) ?? '');
  return filters.length > 0 && filters.every(namesLasting);
}

function valueOf(selectors: readonly Selector[], path: readonly string[]): string | undefined {
  for (const selector of selectors) {
    if (selector.operator !== Operator.equal) continue;
    if (path.every((part, i) => selector.path[i] === part)) return selector.value;
  }
  return undefined;
}
