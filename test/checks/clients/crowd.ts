import { connect } from '../../../client/index.js';
import type { Client, DescribeResponse } from '../../../client/index.js';
import { settings } from './program.js';
import type { CrowdReader, CrowdSettings, ReaderSettings } from './reader-settings.js';
import { Reading } from './reading.js';

const { address, readers, connections, patienceMs } = settings() as CrowdSettings;
const patience = AbortSignal.timeout(patienceMs);
const clients = Array.from({ length: connections }, () => connect({ address }));

/** The edges move on meanwhile; that is the point. Undefined when the broker is away. */
async function edges(client: Client): Promise<DescribeResponse | undefined> {
  return client.describe({ timeout: 1000 }).catch(() => undefined);
}

function resolve(reader: CrowdReader, described: DescribeResponse | undefined): ReaderSettings {
  const { start } = reader;
  if (start !== 'after first' && start !== 'after last') return { ...reader, start };
  const edge = start === 'after first' ? described?.first : described?.last;
  return { ...reader, start: edge ? { after: edge.cursor } : 'earliest' };
}

const described = await edges(clients[0]!);
await Promise.all(
  readers.map((reader, index) => {
    const client = clients[index % clients.length]!;
    return new Reading(client, resolve(reader, described)).follow(patience);
  }),
);
await Promise.all(clients.map((client) => client.close()));
