import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { runClosedLoop, type LoadSettings } from './closed-loop.js';
import { JETSTREAM_SUBJECT } from './jetstream/stream.js';
import { payloadOf } from './payload.js';

/** What the program is told, as JSON in its first argument. */
export interface JetStreamPublisherSettings extends LoadSettings {
  readonly port: number;
  /** Of each event's payload. */
  readonly bytes: number;
  /** How many containers the events are about, in turn. */
  readonly containers: number;
}

/* Publishes without waiting for the acknowledgements of those before. */
const { port, bytes, containers, ...load } = JSON.parse(
  process.argv[2] ?? '',
) as JetStreamPublisherSettings;
const connection = await connect({ port });
const stream = jetstream(connection);
const payloads = Array.from({ length: containers }, (_, index) => payloadOf(index, bytes).value);
let next = 0;
await runClosedLoop(() => {
  next = (next + 1) % payloads.length;
  return stream.publish(JETSTREAM_SUBJECT, payloads[next]);
}, load);
await connection.close();
