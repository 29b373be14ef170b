import type { Caller } from '../../access/caller.js';
import type { Broker, EntrySubscription } from '../../broker/broker.js';
import type { SubscriptionOptions } from '../../broker/read-options.js';
import type { EventView } from '../../events/event-view.js';

/** The newest events of a filter, in order, and the cursor after everything that was looked at. */
export interface RecentEvents {
  readonly views: readonly EventView[];
  readonly cursor: string;
}

/** Entries that are looked at first, for each event that is wanted. */
const ENTRIES_PER_EVENT = 4;

/** Finds the newest events that pass a filter, by looking further back until there are enough. */
export async function recentEvents(
  broker: Broker,
  caller: Caller,
  options: SubscriptionOptions,
  count: number,
  gone: AbortSignal,
): Promise<RecentEvents> {
  const newest = await broker.newest();
  for (let entries = count * ENTRIES_PER_EVENT; ; entries *= ENTRIES_PER_EVENT) {
    const subscription = await broker.open(
      caller,
      {
        ...options,
        start: { kind: 'newest', entries },
        stopWhenCaughtUp: true,
        limit: Infinity,
        onGap: 'continue',
      },
      gone,
    );
    const found = await collect(subscription, count);
    if (found.views.length === count || entries >= newest || gone.aborted) return found;
  }
}

async function collect(subscription: EntrySubscription, count: number): Promise<RecentEvents> {
  let views: EventView[] = [];
  for await (const message of subscription) {
    if (message.kind === 'entries') views = [...views, ...message.entries].slice(-count);
    else if (message.kind === 'end') return { views, cursor: message.cursor };
  }
  return { views, cursor: '' };
}
