import type { Envelope } from '../../../protos/gen/types/event.js';
import { forwarding } from '../append-probe.js';
import type { TestClient } from '../test-client.js';

const BATCH = 2000;

/** Forwards envelopes in batches, as the client library does; much faster than a call for each. */
export async function appendMany(
  client: TestClient,
  envelopes: readonly Envelope[],
): Promise<void> {
  const append = client.append();
  for (let at = 0; at < envelopes.length; at += BATCH) {
    append.send(envelopes.slice(at, at + BATCH).map(forwarding));
    await append.answers(Math.ceil((at + 1) / BATCH));
  }
  append.end();
  await append.status;
}
