import { Envelope } from '../../protos/gen/types/event.js';
import { OpaqueEnvelope } from '../../protos/gen/foghorn/v1/envelope.js';
import { acceptForward } from '../../server/broker/accept.js';
import { systemClock } from '../../protos/clock.js';
import { openStore } from '../../server/history/open.js';
import type { TestClient } from './test-client.js';

const BATCH = 5000;

/** Fills a store that no server has open, much faster than through one. */
export async function seedStore(url: string, envelopes: readonly Envelope[]): Promise<void> {
  const store = await openStore(url, systemClock());
  const accepted = envelopes.map((envelope) => {
    const bytes = Envelope.encode(envelope).finish();
    return acceptForward(OpaqueEnvelope.decode(bytes));
  });
  for (let at = 0; at < accepted.length; at += BATCH) {
    await store.append(accepted.slice(at, at + BATCH));
  }
  await store.close();
}

/** Forwards envelopes, many at a time; they are stored in this order, since one connection carries them. */
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

/** The numbers from `first` to `last`. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
