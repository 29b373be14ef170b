import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Arrivals } from './docker/arrivals.js';
import { JETSTREAM_NAME } from './jetstream/stream.js';
import { reportOnSignals } from './report-on-signals.js';
import { sharedMicros } from './shared-clock.js';
import { microsOf } from './timed-payload.js';

/** The program's first argument, as JSON. */
export interface JetStreamSubscriberSettings {
  readonly port: number;
}

/*
 * Measures the time from publication to arrival. The stream starts empty, so the consumer misses
 * nothing.
 */
const { port } = JSON.parse(process.argv[2] ?? '') as JetStreamSubscriberSettings;
const arrivals = new Arrivals(sharedMicros);
const consumer = await jetstream(await connect({ port })).consumers.get(JETSTREAM_NAME);
await consumer.consume({
  callback: ({ data }) => {
    arrivals.add(microsOf(data));
  },
});
reportOnSignals(arrivals);
