import { connect } from '../../client/index.js';
import { readThrough, type ReadThroughSettings } from './read-through.js';

/** The program's first argument, as JSON. */
export interface HistoryReaderSettings extends ReadThroughSettings {
  readonly address: string;
}

/* Reads Foghorn's history through the client library. */
const { address, ...extent } = JSON.parse(process.argv[2] ?? '') as HistoryReaderSettings;
const client = connect({ address });

async function read(limit: number): Promise<number> {
  let count = 0;
  for await (const message of client.read({ start: 'earliest', stopWhenCaughtUp: true, limit })) {
    if (message.kind === 'entries') count += message.entries.length;
  }
  return count;
}

await readThrough(read, extent);
await client.close();
