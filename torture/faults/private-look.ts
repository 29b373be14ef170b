import { connect } from '../../client/index.js';
import type { BrokerProcess } from '../../test/support/processes/broker-process.js';
import type { Look } from './lineage-keeper.js';

/** Runs a function against a further broker over a store: the process's own or the named one. */
export function privateLook(broker: BrokerProcess, store?: string): Look {
  return async (use) => {
    const address = `unix://${broker.file('private.sock')}`;
    const child = await broker.start({ address, ...(store !== undefined && { store }) });
    const client = connect({ address });
    try {
      return await use(client);
    } finally {
      await client.close();
      await child.end('SIGTERM');
    }
  };
}
