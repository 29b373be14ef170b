import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { spoolDirectory } from '../../../../cli/defaults.js';
import { SpoolPickup } from '../../../../cli/commands/serve/spool-pickup.js';
import { eventually } from '../../../support/eventually.js';
import { TestBroker } from '../../test-broker.js';
import { foghorn, testTerminal } from '../../test-terminal.js';

describe('SpoolPickup', () => {
  let broker: TestBroker;
  let reports: string[];
  let spool: string;
  let stop: () => Promise<void>;

  beforeEach(async () => {
    broker = await new TestBroker().start();
    const { surroundings } = testTerminal({
      uid: process.getuid?.() ?? 0,
      state: broker.directory,
    });
    reports = [];
    const report = (text: string) => reports.push(text);
    spool = spoolDirectory(broker.address, surroundings);
    const options = { surroundings, report, intervalMs: 20 };
    stop = SpoolPickup.start([broker.address, '127.0.0.1:1'], options);
  });

  afterEach(async () => {
    await stop();
    rmSync(spool, { recursive: true, force: true });
    await broker.remove();
  });

  /** Leaves an event in the spool by publishing to an address without a broker. */
  async function leave(topic: string): Promise<void> {
    const absent = `unix://${join(broker.directory, 'absent.sock')}`;
    const args = ['-a', absent, 'publish', '--spool', spool, '--topic', topic];
    expect((await foghorn(args)).stderr).to.contain('kept in');
  }

  const countOf = (text: string): number =>
    reports.filter((report) => report.includes(text)).length;

  const stored = async (count: bigint) => (await broker.client.describe()).entryCount === count;

  it('stores events from the spool, also after the spool was recreated', async () => {
    await leave('/one');
    await eventually(() => stored(1n));
    await leave('/two');
    await eventually(() => stored(2n));
    rmSync(spool, { recursive: true });
    await leave('/three');
    await eventually(() => stored(3n));
    await eventually(() => reports.includes(`spool: took over 1 event from ${spool}`));
  });

  it('reports an unusable spool once, and takes it over when it becomes usable', async () => {
    mkdirSync(dirname(spool), { recursive: true });
    symlinkSync(broker.directory, spool);
    await eventually(() => countOf('cannot take over') === 1);
    rmSync(spool);
    await leave('/one');
    await eventually(() => stored(1n));
    expect(countOf('cannot take over')).to.equal(1);
  });
});
