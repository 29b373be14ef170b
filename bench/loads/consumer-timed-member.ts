import { connect } from '../../client/index.js';
import { Arrivals } from './docker/arrivals.js';
import { reportOnSignals } from './report-on-signals.js';
import { sharedMicros } from './shared-clock.js';
import { microsOf } from './timed-payload.js';

/** The program's first argument, as JSON. */
export interface ConsumerTimedMemberSettings {
  readonly address: string;
}

/* Measures the time from an event's publication to its handler, which acknowledges it. */
const { address } = JSON.parse(process.argv[2] ?? '') as ConsumerTimedMemberSettings;
const client = connect({ address });
const arrivals = new Arrivals(sharedMicros);
await client.consumers.create('bench', { ordering: 'none' });
const consumption = client.consume('bench', { prefetch: 1024 });
reportOnSignals(arrivals);
for await (const delivery of consumption) {
  arrivals.add(microsOf(delivery.entry.event?.value ?? new Uint8Array()));
  void delivery.ack();
}
