import { connect } from '../../client/index.js';
import type { Client, DescribeResponse } from '../../client/index.js';
import { beginningAt, inTurn } from './in-turn.js';
import { settings } from './program.js';
import type { CrowdReader, CrowdSettings, ReadingSettings } from './reader-settings.js';
import { Reading } from './reading.js';

const { addresses, readers, connections, patienceMs } = settings() as CrowdSettings;
const patience = AbortSignal.timeout(patienceMs);
/** Client sets, each with a connection to every broker. */
const groups = Array.from({ length: connections }, (_, index) =>
  beginningAt(addresses, index).map((address) => connect({ address })),
);

/**
 * A cursor at either edge of history, which moves on before it is used. Undefined when the broker
 * is away.
 */
async function edges(client: Client): Promise<DescribeResponse | undefined> {
  return client.describe({ timeout: 1000 }).catch(() => undefined);
}

function resolve(reader: CrowdReader, described: DescribeResponse | undefined): ReadingSettings {
  const { start } = reader;
  if (start !== 'after first' && start !== 'after last') return { ...reader, start };
  const edge = start === 'after first' ? described?.first : described?.last;
  return { ...reader, start: edge ? { after: edge.cursor } : 'earliest' };
}

const described = await edges(groups[0]![0]!);
await Promise.all(
  readers.map((reader, index) => {
    const clients = inTurn(groups, index);
    return new Reading(clients, resolve(reader, described)).follow(patience);
  }),
);
await Promise.all(groups.flat().map((client) => client.close()));
