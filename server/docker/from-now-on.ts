import type { SubscriptionOptions } from '../broker/read-options.js';
import type { EventFilters } from './event-filters.js';

/** Options for everything that happens from now on. */
export function fromNowOn(
  filter: EventFilters,
  onGap: 'fail' | 'continue' = 'continue',
): SubscriptionOptions<EventFilters> {
  return {
    filter,
    scope: undefined,
    start: { kind: 'now' },
    until: undefined,
    stopWhenCaughtUp: false,
    limit: Infinity,
    onGap,
  };
}
