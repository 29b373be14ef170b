import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { JETSTREAM_SUBJECT } from './jetstream/stream.js';
import { runSteadily, type SteadySettings } from './steady.js';
import { timedPayload } from './timed-payload.js';

/** The program's first argument, as JSON. */
export interface JetStreamTimedPublisherSettings extends SteadySettings {
  readonly port: number;
  /** Payload size of each event. */
  readonly bytes: number;
}

/* Publishes events that carry their time of publication. */
const { port, bytes, ...pace } = JSON.parse(
  process.argv[2] ?? '',
) as JetStreamTimedPublisherSettings;
const connection = await connect({ port });
const stream = jetstream(connection);
await runSteadily(() => stream.publish(JETSTREAM_SUBJECT, timedPayload(bytes).value), pace);
await connection.close();
