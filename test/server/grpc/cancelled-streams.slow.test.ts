import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { eventually } from '../../support/eventually.js';
import { heapInUse } from '../../support/heap.js';
import type { TestClient } from '../../support/test-client.js';
import { TestServer } from '../../support/test-server.js';

const ROUND = 500;

describe('cancelled streams', () => {
  let directory: string;
  let server: TestServer;
  let clients: TestClient[];

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-cancelled-'));
    server = await TestServer.start({ store: `lmdb:${directory}` });
    // HTTP/2 servers close a connection that cancels more than a thousand streams at once.
    clients = Array.from({ length: 10 }, () => server.client());
  });
  after(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  async function expectNobodyLeft(): Promise<void> {
    await eventually(async () => (await clients[0]!.describe()).subscriptionCount === 0);
  }

  function open(n: number) {
    const filters = [`event.container_id==c${n}`, 'topic~="^/x"'];
    const client = clients[n % clients.length]!;
    return n % 4 < 2 ? client.subscribe(filters) : client.read({ filters });
  }

  async function openAndCancel(): Promise<void> {
    const streams = Array.from({ length: ROUND }, (_, n) => open(n));
    await Promise.all(streams.map(({ headers }) => headers));
    expect((await clients[0]!.describe()).subscriptionCount).to.equal(ROUND);
    await clients[0]!.publish('/x', undefined);
    for (const stream of streams) stream.cancel();
    await Promise.all(streams.map(({ status }) => status));
  }

  it('leave nothing behind when cancelled before they are open', async () => {
    for (let round = 0; round < 3; round++) {
      const streams = Array.from({ length: 200 }, (_, n) => open(n));
      // One tick later they are under way, but hardly answered.
      setImmediate(() => {
        for (const stream of streams) stream.cancel();
      });
      await Promise.all(streams.map(({ status }) => status));
    }
    await expectNobodyLeft();
  });

  it('leave no memory behind, by the thousands', async () => {
    const twoRounds = async (): Promise<void> => {
      for (let round = 0; round < 2; round++) {
        await openAndCancel();
        await expectNobodyLeft();
      }
    };
    // Warms up the process.
    await twoRounds();
    const growths: number[] = [];
    for (let measurement = 0; measurement < 3; measurement++) {
      const before = await heapInUse();
      await twoRounds();
      growths.push((await heapInUse()) - before);
    }
    // Each leaked subscription would take some kilobytes, every time. Caches grow once.
    expect(Math.min(...growths)).to.be.below(2 * ROUND * 1000);
  });
});
