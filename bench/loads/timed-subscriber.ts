import { setTimeout as delay } from 'node:timers/promises';
import { credentials, Metadata } from '@grpc/grpc-js';
import { EventsClient } from '../../protos/gen/containerd/services/events/v1/events.js';
import type { Envelope } from '../../protos/gen/containerd/types/event.js';
import { Arrivals } from './docker/arrivals.js';
import { reportOnSignals } from './report-on-signals.js';
import { sharedMicros } from './shared-clock.js';
import { microsOf, timedPayload } from './timed-payload.js';

/** The program's first argument, as JSON. */
export interface TimedSubscriberSettings {
  /** Address of Foghorn or containerd. */
  readonly address: string;
}

const PROBE_TOPIC = '/probe';
const PROBE_BYTES = 300;
const PROBE_INTERVAL_MS = 20;

/* Measures the time from an event's publication to its arrival through containerd's Subscribe. */
const { address } = JSON.parse(process.argv[2] ?? '') as TimedSubscriberSettings;
const client = new EventsClient(address, credentials.createInsecure());
const arrivals = new Arrivals(sharedMicros);
const heard = { probe: false };
client.subscribe({ filters: [] }).on('data', ({ topic, event }: Envelope) => {
  if (topic === PROBE_TOPIC) heard.probe = true;
  else if (event !== undefined) arrivals.add(microsOf(event.value));
});
const metadata = new Metadata();
metadata.set('containerd-namespace', 'default');
// containerd does not signal the start of a subscription, so probes are published until one
// arrives.
while (!heard.probe) {
  const probe = { topic: PROBE_TOPIC, event: timedPayload(PROBE_BYTES) };
  client.publish(probe, metadata, () => undefined);
  await delay(PROBE_INTERVAL_MS);
}
reportOnSignals(arrivals);
