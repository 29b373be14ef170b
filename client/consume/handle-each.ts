import { onAbort } from '../on-abort.js';
import type { ClientTracing } from '../tracing.js';
import type { Consumption } from './consume.js';
import type { EventDelivery } from './delivery.js';

/** Handles a delivery. It is acknowledged when this resolves, and fails when it rejects. */
export type DeliveryHandler = (delivery: EventDelivery) => Promise<void> | void;

/**
 * Calls a handler for each delivery, at most `concurrency` at a time. Resolves once the signal has
 * aborted and the handlers under way are done.
 */
export async function handleEach(
  consumption: Consumption,
  handler: DeliveryHandler,
  {
    concurrency,
    signal,
    tracing,
  }: {
    readonly concurrency: number;
    readonly signal?: AbortSignal | undefined;
    readonly tracing: ClientTracing | undefined;
  },
): Promise<void> {
  const running = new Set<Promise<void>>();
  let stop = (): void => {};
  const stopped = new Promise<'stopped'>((resolve) => {
    stop = () => {
      resolve('stopped');
    };
  });
  const stopListening = onAbort(signal, stop);
  const deliveries = consumption[Symbol.asyncIterator]();
  try {
    for (;;) {
      if (running.size >= concurrency) await Promise.race(running);
      if (signal?.aborted) break;
      const next = await Promise.race([deliveries.next(), stopped]);
      if (next === 'stopped' || next.done === true) break;
      const done = handle(next.value, handler, tracing).finally(() => running.delete(done));
      running.add(done);
    }
  } finally {
    stopListening();
    await Promise.all(running);
    await consumption.leave();
  }
}

async function handle(
  delivery: EventDelivery,
  handler: DeliveryHandler,
  tracing: ClientTracing | undefined,
): Promise<void> {
  try {
    if (tracing === undefined) await handler(delivery);
    else await tracing.process(delivery, () => handler(delivery));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    await delivery.nack({ reason }).catch(() => {});
    return;
  }
  // A lost lease means another delivery, which is not the handler's concern.
  await delivery.ack().catch(() => {});
}
