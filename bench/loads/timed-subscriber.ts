import { setTimeout as delay } from 'node:timers/promises';
import { credentials, Metadata } from '@grpc/grpc-js';
import { EventsClient } from '../../protos/gen/services/events/v1/events.js';
import type { Envelope } from '../../protos/gen/types/event.js';
import { Arrivals } from './docker/arrivals.js';
import { reportOnSignals } from './report-on-signals.js';
import { sharedMicros } from './shared-clock.js';
import { microsOf, timedPayload } from './timed-payload.js';

/** What the program is told, as JSON in its first argument. */
export interface TimedSubscriberSettings {
  /** Of Foghorn or of containerd. */
  readonly address: string;
}

const PROBE = '/probe';
const PROBE_BYTES = 300;
const PROBE_MS = 20;

/* Takes the time from an event's publication to its arrival by containerd's own call. */
const { address } = JSON.parse(process.argv[2] ?? '') as TimedSubscriberSettings;
const client = new EventsClient(address, credentials.createInsecure());
const arrivals = new Arrivals(sharedMicros);
const heard = { probe: false };
client.subscribe({ filters: [] }).on('data', ({ topic, event }: Envelope) => {
  if (topic === PROBE) heard.probe = true;
  else if (event !== undefined) arrivals.add(microsOf(event.value));
});
const metadata = new Metadata();
metadata.set('containerd-namespace', 'default');
// containerd does not tell when a subscription has begun.
while (!heard.probe) {
  client.publish({ topic: PROBE, event: timedPayload(PROBE_BYTES) }, metadata, () => undefined);
  await delay(PROBE_MS);
}
reportOnSignals(arrivals);
