import { Envelope } from '../../protos/gen/containerd/types/event.js';
import { systemClock } from '../../protocol/clock.js';
import { openStore } from '../../server/history/open.js';
import { appended, forwarding } from './append-probe.js';
import { appendAll } from './history-append.js';
import type { TestClient } from './test-client.js';

/** Size of the messages that carry events, unless one event is larger. */
const BATCH_BYTES = 1024 * 1024;

/** Fills a store that no server has open, much faster than through a server. */
export async function seedStore(url: string, envelopes: readonly Envelope[]): Promise<void> {
  const store = await openStore(url, systemClock);
  await appendAll(store, envelopes);
  await store.close();
}

/** Forwards envelopes in this order, in batches, which takes far less time than a call for each. */
export async function forwardAll(
  client: TestClient,
  envelopes: readonly Envelope[],
): Promise<void> {
  const append = client.append();
  let answered = 0;
  for (const batch of batchesOf(envelopes)) {
    append.send(batch.map(forwarding));
    answered += 1;
    const answers = await append.answers(answered);
    for (const result of answers.at(-1)!) appended(result);
  }
  append.end();
  await append.status;
}

/** Splits envelopes into messages that are small enough to be accepted. */
function batchesOf(envelopes: readonly Envelope[]): Envelope[][] {
  const batches: Envelope[][] = [];
  let bytes = Infinity;
  for (const envelope of envelopes) {
    const size = Envelope.encode(envelope).finish().length;
    if (bytes + size > BATCH_BYTES) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)!.push(envelope);
    bytes += size;
  }
  return batches;
}

/** Returns the numbers from `first` to `last`. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
