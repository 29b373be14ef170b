import { DeliverPolicy, jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { JETSTREAM_NAME } from './jetstream/stream.js';
import { readThrough, type ReadThroughSettings } from './read-through.js';

/** What the program is told, as JSON in its first argument. */
export interface JetStreamReaderSettings extends ReadThroughSettings {
  readonly port: number;
}

/** Of what the client asks for before it has read what it asked for last: with the usual 100 it is half as fast. */
const AHEAD = 5000;

/* Reads a stream with an ordered consumer, which acknowledges nothing. */
const { port, ...extent } = JSON.parse(process.argv[2] ?? '') as JetStreamReaderSettings;
const connection = await connect({ port });
const { consumers } = jetstream(connection);

async function read(most: number): Promise<number> {
  const consumer = await consumers.get(JETSTREAM_NAME, { deliver_policy: DeliverPolicy.All });
  const messages = await consumer.consume({ max_messages: AHEAD });
  let count = 0;
  for await (const { data } of messages) {
    if (data.length > 0) count += 1;
    if (count === most) break;
  }
  await messages.close();
  return count;
}

await readThrough(read, extent);
await connection.close();
