import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Arrivals } from './docker/arrivals.js';
import { JETSTREAM_NAME } from './jetstream/stream.js';
import { reportOnSignals } from './report-on-signals.js';
import { sharedMicros } from './shared-clock.js';
import { microsOf } from './timed-payload.js';

/** The program's first argument, as JSON. */
export interface JetStreamTimedMemberSettings {
  readonly port: number;
}

/* Measures the time from a message's publication to its handler, which acknowledges it. */
const { port } = JSON.parse(process.argv[2] ?? '') as JetStreamTimedMemberSettings;
const connection = await connect({ port });
const arrivals = new Arrivals(sharedMicros);
await (
  await jetstreamManager(connection)
).consumers.add(JETSTREAM_NAME, {
  durable_name: 'bench',
  ack_policy: AckPolicy.Explicit,
  deliver_policy: DeliverPolicy.All,
  max_ack_pending: 1024,
});
const consumer = await jetstream(connection).consumers.get(JETSTREAM_NAME, 'bench');
const messages = await consumer.consume({ max_messages: 1024 });
reportOnSignals(arrivals);
for await (const message of messages) {
  arrivals.add(microsOf(message.data));
  message.ack();
}
