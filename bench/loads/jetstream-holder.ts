import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { JETSTREAM_NAME } from './jetstream/stream.js';

/** The program's first argument, as JSON. */
export interface JetStreamHolderSettings {
  readonly port: number;
  readonly events: number;
}

/* A member that takes every message of a stream, and acknowledges none. */
const { port, events } = JSON.parse(process.argv[2] ?? '') as JetStreamHolderSettings;
const HOUR_NS = 3_600_000_000_000;

const connection = await connect({ port });
await (
  await jetstreamManager(connection)
).consumers.add(JETSTREAM_NAME, {
  durable_name: 'bench',
  ack_policy: AckPolicy.Explicit,
  ack_wait: HOUR_NS,
  deliver_policy: DeliverPolicy.All,
  max_ack_pending: events,
});
console.log('ready');
process.once('SIGHUP', () => void hold());
process.once('SIGTERM', () => process.exit());

async function hold(): Promise<void> {
  const consumer = await jetstream(connection).consumers.get(JETSTREAM_NAME, 'bench');
  const messages = (await consumer.consume({ max_messages: events }))[Symbol.asyncIterator]();
  for (let count = 0; count < events; count++) await messages.next();
  console.log('all');
}
