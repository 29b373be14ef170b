import { connect } from '../../client/index.js';
import { readThrough, type ReadThroughSettings } from './read-through.js';

/** The program's first argument, as JSON. */
export interface ConsumerMembersSettings extends ReadThroughSettings {
  readonly address: string;
  readonly members: number;
  /** Deliveries without an acknowledgement, of all members together. */
  readonly inFlight: number;
}

/* Members of a durable consumer, each with its own connection, acknowledge a whole history. */
const { address, members, inFlight, ...extent } = JSON.parse(
  process.argv[2] ?? '',
) as ConsumerMembersSettings;
const clients = Array.from({ length: members }, () => connect({ address }));
const { consumers } = connect({ address });
let rounds = 0;

async function consume(most: number): Promise<number> {
  const name = `bench-${process.pid}-${rounds++}`;
  // JetStream keeps no order for its members either.
  const settings = { maxInFlight: inFlight, ordering: 'none' } as const;
  await consumers.create(name, settings, { start: 'earliest' });
  const done = new AbortController();
  const options = { prefetch: Math.ceil(inFlight / members), signal: done.signal };
  let count = 0;
  await Promise.all(
    clients.map(async (client) => {
      for await (const delivery of client.consume(name, options)) {
        delivery.ack().then(
          () => {
            count += 1;
            if (count === most) done.abort();
          },
          // The last ones of a round may be cut off by its end.
          () => undefined,
        );
      }
    }),
  );
  await consumers.remove(name);
  return Math.min(count, most);
}

await readThrough(consume, extent);
await Promise.all(clients.map((client) => client.close()));
process.exit();
