import { setMaxListeners } from 'node:events';
import { expect } from 'chai';
import { BrokerOverStore } from '../../support/broker-over-store.js';
import { heapInUse } from '../../support/heap.js';
import { expectRefusal } from '../../support/refusal.js';
import type { TestClient } from '../../support/test-client.js';

const ROUND = 500;
const container = { namespace: 'default', containerId: 'c1' };

describe('cancelled waits', () => {
  let server: BrokerOverStore;

  beforeEach(async () => {
    server = await BrokerOverStore.start('memory');
  });
  afterEach(() => server.stop());

  it('leave no memory behind, by the thousands', async () => {
    // HTTP/2 servers cut off a connection that cancels more than a thousand streams in one burst.
    const clients = Array.from({ length: 8 }, () => server.client());
    const twoRounds = async (): Promise<void> => {
      for (let round = 0; round < 2; round++) await openAndCancel(clients);
    };
    // Warms up the process.
    await twoRounds();
    const before = await heapInUse();
    await twoRounds();
    // A wait that is not released would take some kilobytes.
    expect((await heapInUse()) - before).to.be.below(2 * ROUND * 1000);
  });

  async function openAndCancel(clients: readonly TestClient[]): Promise<void> {
    const gone = new AbortController();
    setMaxListeners(0, gone.signal);
    const waits = Array.from({ length: ROUND }, (_, n) =>
      clients[n % clients.length]!.wait({ container }, gone),
    );
    const refused = waits.map((each) => expectRefusal(each, 1));
    // All waits have reached the server before these answers.
    for (const each of clients) await each.describe();
    gone.abort();
    await Promise.all(refused);
    for (const each of clients) await each.describe();
  }
});
