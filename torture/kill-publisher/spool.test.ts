import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { connect, nanosFromTimestamp } from '../../client/index.js';
import type { Client } from '../../client/index.js';
import { builtProgram } from '../../test/support/processes/build.js';
import { Child } from '../../test/support/processes/child.js';
import { Cleanup } from '../../test/support/processes/cleanup.js';
import { range } from '../../test/support/history-seed.js';
import { DISK_DIRECTORY } from '../../test/support/temporary-directory.js';
import { TestServer } from '../../test/support/test-server.js';
import { historyOf, numberedEvent, numbersByPublisher } from '../../test/client/numbered-events.js';

const PROCESS = 'torture/kill-publisher/spooling-process';

/** More than any of them gets to. */
const ENDLESS = 1_000_000;

describe('a spool of several processes', function () {
  this.timeout(120_000);

  const cleanup = new Cleanup();
  let directory: string;
  let address: string;

  beforeEach(() => {
    directory = mkdtempSync(join(DISK_DIRECTORY, 'foghorn-processes-'));
    address = `unix://${directory}/broker.sock`;
    cleanup.defer(() => {
      rmSync(directory, { recursive: true });
    });
  });

  afterEach(() => cleanup.run());

  const spool = () => join(directory, 'spool');

  async function publisher(name: string, count: number, atOnce: number): Promise<Child> {
    const args = [address, spool(), name, count, atOnce].map(String);
    const child = new Child(process.execPath, [await builtProgram(PROCESS), ...args]);
    cleanup.defer(() => child.end('SIGKILL'));
    return child;
  }

  function drainer(): Client {
    const client = connect({ address, spool: spool() });
    cleanup.defer(() => client.close());
    return client;
  }

  async function broker(): Promise<void> {
    const server = await TestServer.start({ grpc: [address] });
    cleanup.defer(() => server.stop());
  }

  it('loses, duplicates and reorders nothing when its processes are killed', async () => {
    const client = drainer();
    const owed = new Map<string, number[]>();
    for (let round = 0; round < 6; round++) {
      const pair = await Promise.all(
        [1, 20].map(async (atOnce) => {
          const name = `p${round}-${atOnce}`;
          return { name, child: await publisher(name, ENDLESS, atOnce) };
        }),
      );
      // The broker is away for the first half, so that the drainer has a backlog when it comes.
      if (round === 3) await broker();
      for (const { child } of pair) await child.until('publish', () => child.stdout.length > 0);
      for (const { name, child } of pair) {
        await delay(Math.random() * 200);
        await child.end('SIGKILL');
        owed.set(name, child.stdout.map(Number));
      }
      // The remaining processes go on.
      await client.publish({ topic: '/tasks/exit', event: numberedEvent('drainer', round) });
    }
    await client.drainSpool();
    const stored = numbersByPublisher(await historyOf(address));
    expect(stored.get('drainer')).to.deep.equal(range(0, 5));
    for (const [name, acknowledged] of owed) {
      const numbers = stored.get(name) ?? [];
      // More than was acknowledged may be there, but nothing twice, out of order or with a hole.
      expect(numbers, name).to.deep.equal(range(0, numbers.length - 1));
      expect(numbers.length, name).to.be.above(Math.max(...acknowledged));
    }
  });

  it('reports a full disk, keeps its events, and can still be drained', async () => {
    // No file may grow beyond 1 MiB.
    const args = [await builtProgram(PROCESS), address, spool(), 'p', String(ENDLESS), '100'];
    const limited = ['-c', 'ulimit -f 1024 && exec "$0" "$@"', process.execPath, ...args];
    const child = new Child('bash', limited);
    cleanup.defer(() => child.end('SIGKILL'));
    expect(await child.exited).to.deep.equal({ code: 1, signal: null });
    expect(child.stderr.join('\n')).to.include(`no space left for the spool in ${spool()}`);
    expect(child.stdout.length).to.be.above(1000);
    await broker();
    await drainer().drainSpool();
    const numbers = numbersByPublisher(await historyOf(address)).get('p');
    expect(numbers).to.deep.equal(range(0, child.stdout.length - 1));
  });

  it('sends 1,000 exits of a dead publisher that were published while the broker was away', async () => {
    const before = BigInt(Date.now() - 3) * 1_000_000n;
    const dead = await publisher('exits', 1000, 100);
    await dead.until('publish all', () => dead.stdout.length === 1000);
    await dead.end('SIGKILL');
    const after = BigInt(Date.now() + 3) * 1_000_000n;
    await broker();
    const living = await publisher('nobody', 0, 1);
    await living.succeeded();
    await drainer().drainSpool();
    const entries = await historyOf(address);
    expect(numbersByPublisher(entries).get('exits')).to.deep.equal(range(0, 999));
    let last = before;
    for (const { timestamp } of entries) {
      const time = nanosFromTimestamp(timestamp!);
      expect(time > last && time < after).to.equal(true);
      last = time;
    }
  });
});
