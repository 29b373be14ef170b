import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, events, pack, type Client } from '../../client/index.js';
import { eventually } from '../support/eventually.js';
import { watchHealth } from '../support/health-and-reflection.js';
import { scrapeMetrics } from '../support/scraped-metrics.js';
import { BrokerProcess } from '../support/processes/broker-process.js';
import { Cleanup } from '../support/processes/cleanup.js';

const MIB = 1024 * 1024;

/** Mounts a small disk of its own, which needs root or CAP_SYS_ADMIN. */
describe('a broker whose disk is full', () => {
  const cleanup = new Cleanup();
  let broker: BrokerProcess;
  let client: Client;
  let disk: string;

  beforeEach(async () => {
    broker = await BrokerProcess.create(cleanup);
    disk = broker.file('disk');
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk]);
    cleanup.defer(() => execFileSync('umount', ['-l', disk]));
    client = connect({ address: broker.address, namespace: 'default' });
    cleanup.defer(() => client.close());
  });
  afterEach(() => cleanup.run());

  async function publish(bytes: number): Promise<boolean> {
    const event = pack(events.TaskOOM, { containerId: 'x'.repeat(bytes) });
    return client.publish({ topic: '/tasks/oom', event }, { timeout: 2000 }).then(
      () => true,
      () => false,
    );
  }

  it('logs when that begins and ends, and is neither serving nor ready meanwhile', async function () {
    this.timeout(120_000);
    const child = await broker.start({
      store: `lmdb:${join(disk, 'store')}`,
      flags: ['--http', '127.0.0.1:0'],
    });
    const httpLine = (): string | undefined =>
      child.stdout.find((line) => line.includes('http://'));
    await eventually(() => httpLine() !== undefined);
    const http = httpLine()!.replace('listening on ', '');
    const ready = async (): Promise<number | undefined> =>
      (await scrapeMetrics(http)).value('foghorn_ready');
    const refused = async (): Promise<number> =>
      (await scrapeMetrics(http)).value('foghorn_commits_failed_total', {
        code: 'RESOURCE_EXHAUSTED',
      }) ?? 0;
    expect(await refused()).equal(0);
    const health = watchHealth(broker.address);
    cleanup.defer(() => {
      health.cancel();
    });
    await health.when(({ length }) => length === 1);
    const logged = (text: string): number =>
      child.stderr.filter((line) => line.includes(text)).length;
    const ballast = join(disk, 'ballast');
    expect(await publish(100)).true;
    for (let round = 1; round <= 2; round++) {
      await writeFile(ballast, Buffer.alloc(7 * MIB)).catch(() => undefined);
      while (await publish(100_000));
      for (let i = 0; i < 5; i++) expect(await publish(300_000)).false;
      await eventually(() => health.messages.at(-1)?.status === 'NOT_SERVING');
      expect(logged('nothing can be stored for now: the event was not stored')).equal(round);
      expect(logged('no space left')).equal(round);
      // A scrape looks at the disk, too.
      expect(await ready()).equal(0);
      const answer = await fetch(`${http}/readyz`);
      expect(answer.status).equal(503);
      expect(await answer.text())
        .contain('"source":"history"')
        .and.contain('"source":"disk"');
      expect(await refused()).at.least(5);
      expect(logged('disk: little space is left')).equal(round);

      // Nobody has to publish for it to find out.
      await rm(ballast);
      await eventually(() => health.messages.at(-1)?.status === 'SERVING');
      expect(logged('events can be stored again')).equal(round);
      expect(await ready()).equal(1);
      expect((await fetch(`${http}/readyz`)).status).equal(200);
      expect(await publish(100)).true;
    }
  });
});
