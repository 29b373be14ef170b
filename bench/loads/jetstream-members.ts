import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { JETSTREAM_NAME } from './jetstream/stream.js';
import { readThrough, type ReadThroughSettings } from './read-through.js';

/** The program's first argument, as JSON. */
export interface JetStreamMembersSettings extends ReadThroughSettings {
  readonly port: number;
  readonly members: number;
  /** Deliveries without an acknowledgement, of all members together. */
  readonly inFlight: number;
}

/* Members of a durable pull consumer, each with its own connection, acknowledge a whole stream. */
const { port, members, inFlight, ...extent } = JSON.parse(
  process.argv[2] ?? '',
) as JetStreamMembersSettings;
const connections = await Promise.all(Array.from({ length: members }, () => connect({ port })));
const manager = await jetstreamManager(await connect({ port }));
let rounds = 0;

async function consume(most: number): Promise<number> {
  const name = `bench-${rounds++}`;
  await manager.consumers.add(JETSTREAM_NAME, {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    max_ack_pending: inFlight,
  });
  let count = 0;
  const max = Math.max(2, Math.ceil(inFlight / members));
  const all = await Promise.all(
    connections.map(async (connection) => {
      const consumer = await jetstream(connection).consumers.get(JETSTREAM_NAME, name);
      return consumer.consume({ max_messages: max });
    }),
  );
  await Promise.all(
    all.map(async (messages) => {
      for await (const message of messages) {
        message.ack();
        count += 1;
        if (count === most) for (const each of all) each.stop();
      }
    }),
  );
  await manager.consumers.delete(JETSTREAM_NAME, name);
  return Math.min(count, most);
}

await readThrough(consume, extent);
process.exit();
