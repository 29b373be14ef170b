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
