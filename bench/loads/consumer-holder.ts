import { connect } from '../../client/index.js';

/** The program's first argument, as JSON. */
export interface ConsumerHolderSettings {
  readonly address: string;
  readonly events: number;
}

/* A member that takes every event of a history, and acknowledges none. */
const { address, events } = JSON.parse(process.argv[2] ?? '') as ConsumerHolderSettings;
const HOUR_MS = 3_600_000;

const client = connect({ address });
const settings = { ordering: 'none', maxInFlight: events, ackWait: HOUR_MS } as const;
await client.consumers.create('bench', settings, { start: 'earliest' });
console.log('ready');
process.once('SIGHUP', () => void hold());
// A handler of a signal does not keep a process running.
setInterval(() => undefined, HOUR_MS);
process.once('SIGTERM', () => process.exit());

async function hold(): Promise<void> {
  const deliveries = client.consume('bench', { prefetch: events })[Symbol.asyncIterator]();
  for (let count = 0; count < events; count++) await deliveries.next();
  console.log('all');
}
