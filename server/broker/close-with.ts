import type { Position } from '../events/cursor.js';
import type { EventStore } from '../history/store.js';
import { positionOf } from './position.js';
import type { Subscription } from './subscription.js';
import type { DeliveredView } from './view-type.js';

/** Closes a subscription when a signal aborts. */
export function closeWith(
  signal: AbortSignal,
  subscription: Pick<Subscription<DeliveredView, unknown>, 'close' | 'whenClosed'>,
): void {
  const close = (): void => {
    subscription.close();
  };
  if (signal.aborted) close();
  signal.addEventListener('abort', close, { once: true });
  subscription.whenClosed(() => {
    signal.removeEventListener('abort', close);
  });
}

/** Ends a subscription with everything that is stored now. */
export async function stopAtNewest(
  subscription: { stopAfter(position: Position): void },
  store: EventStore,
  delivery: { readonly newest: Position },
): Promise<void> {
  try {
    await store.sync();
  } catch {
    // The store is away, so that nothing newer can be known.
  }
  subscription.stopAfter(positionOf(delivery.newest));
}
