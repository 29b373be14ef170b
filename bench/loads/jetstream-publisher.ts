import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { runClosedLoop, type LoadSettings } from './closed-loop.js';
import { JETSTREAM_SUBJECT } from './jetstream/stream.js';
import { payloadOf } from './payload.js';

/** The program's first argument, as JSON. */
export interface JetStreamPublisherSettings extends LoadSettings {
  readonly port: number;
  /** Payload size of each event. */
  readonly bytes: number;
  /** Number of containers; events are about each of them in rotation. */
  readonly containers: number;
}

/* Publishes without waiting for earlier acknowledgements. */
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
