import type { Client } from '../../client/index.js';
import { MissedEvents } from '../../protos/gen/foghorn/v1/recording.js';

/** A span that a recorder has stored as missing. */
export interface Missed {
  readonly namespace: string;
  readonly missed: MissedEvents;
}

/** The spans that recorders have stored as missing, in the order of history. */
export async function missedIn(broker: Client): Promise<Missed[]> {
  const filters = ['topic=="/foghorn/recorder"'];
  const found: Missed[] = [];
  for await (const message of broker.read({ filters, start: 'earliest', stopWhenCaughtUp: true })) {
    if (message.kind !== 'entries') continue;
    for (const { namespace, event } of message.entries) {
      found.push({ namespace, missed: MissedEvents.decode(event!.value) });
    }
  }
  return found;
}
