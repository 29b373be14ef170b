import type { Envelope } from '../../protos/gen/types/event.js';
import { systemClock } from '../../protocol/clock.js';
import { openStore } from '../../server/history/open.js';
import { appendAll } from './history-append.js';
import type { TestClient } from './test-client.js';

/** Fills a store that no server has open, much faster than through a server. */
export async function seedStore(url: string, envelopes: readonly Envelope[]): Promise<void> {
  const store = await openStore(url, systemClock());
  await appendAll(store, envelopes);
  await store.close();
}

/**
 * Forwards envelopes, many at a time. They are stored in this order, because one connection carries
 * them.
 */
export async function forwardAll(
  client: TestClient,
  envelopes: readonly Envelope[],
): Promise<void> {
  const IN_FLIGHT = 200;
  for (let at = 0; at < envelopes.length; at += IN_FLIGHT) {
    const batch = envelopes.slice(at, at + IN_FLIGHT);
    await Promise.all(batch.map((envelope) => client.forward(envelope)));
  }
}

/** Returns the numbers from `first` to `last`. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
