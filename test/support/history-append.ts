import { Envelope } from '../../protos/gen/containerd/types/event.js';
import { BROKER } from '../../server/access/caller.js';
import { acceptForward } from '../../server/broker/accept.js';
import type { EventStore } from '../../server/history/store.js';
import { requestedEnvelopeIn } from './requested-envelope.js';

const BATCH = 5000;

/** Stores envelopes as if they were forwarded, without a call for each. */
export async function appendAll(store: EventStore, envelopes: readonly Envelope[]): Promise<void> {
  const accepted = envelopes.map((envelope) => {
    const bytes = Envelope.encode(envelope).finish();
    return acceptForward(BROKER, requestedEnvelopeIn(bytes));
  });
  for (let at = 0; at < accepted.length; at += BATCH) {
    await store.append(accepted.slice(at, at + BATCH));
  }
}
