import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { JETSTREAM_SUBJECT } from './jetstream/stream.js';
import { runSteadily, type SteadySettings } from './steady.js';
import { timedPayload } from './timed-payload.js';

/** What the program is told, as JSON in its first argument. */
export interface JetStreamTimedPublisherSettings extends SteadySettings {
  readonly port: number;
  /** Of each event's payload. */
  readonly bytes: number;
}

/* Publishes events that say when that was. */
const { port, bytes, ...pace } = JSON.parse(
  process.argv[2] ?? '',
) as JetStreamTimedPublisherSettings;
const connection = await connect({ port });
const stream = jetstream(connection);
await runSteadily(() => stream.publish(JETSTREAM_SUBJECT, timedPayload(bytes).value), pace);
await connection.close();
