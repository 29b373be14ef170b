import { DeliverPolicy, jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { JETSTREAM_NAME } from './jetstream/stream.js';
import { readThrough, type ReadThroughSettings } from './read-through.js';

/** The program's first argument, as JSON. */
export interface JetStreamReaderSettings extends ReadThroughSettings {
  readonly port: number;
}

/** Messages requested ahead; with the default of 100 the client is half as fast. */
const PREFETCHED_MESSAGES = 5000;

/* Reads a stream with an ordered consumer, which needs no acknowledgements. */
const { port, ...extent } = JSON.parse(process.argv[2] ?? '') as JetStreamReaderSettings;
const connection = await connect({ port });
const { consumers } = jetstream(connection);

async function read(most: number): Promise<number> {
  const consumer = await consumers.get(JETSTREAM_NAME, { deliver_policy: DeliverPolicy.All });
  const messages = await consumer.consume({ max_messages: PREFETCHED_MESSAGES });
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
