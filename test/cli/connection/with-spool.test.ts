import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { TestBroker } from '../test-broker.js';
import { foghorn } from '../test-terminal.js';
import type { TestTerminalOptions } from '../test-terminal.js';

describe('foghorn publish and forward with --spool', () => {
  let broker: TestBroker;
  let spool: string;

  beforeEach(() => {
    broker = new TestBroker();
    spool = join(broker.directory, 'spool');
  });

  afterEach(async () => {
    await broker.remove();
  });

  const command = (args: string[], options?: TestTerminalOptions) =>
    foghorn(['-a', broker.address, ...args], options);

  const SILENT = { exitCode: 0, stdout: '', stderr: '' };

  const kept = () => ({
    ...SILENT,
    stderr: `foghorn: cannot reach the broker; the event is kept in ${spool} until it is back\n`,
  });

  const envelope = (n: number) =>
    `{"timestamp":"2023-11-14T22:13:${n}Z","namespace":"a","topic":"/t/${n}"}\n`;

  async function topics(): Promise<string[]> {
    const { stdout } = await command(['events', '--no-follow']);
    return stdout.match(/\/\w+(\/\w+)?/g) ?? [];
  }

  it('keep events while the broker is away, and store them with the next command', async () => {
    const publish = ['publish', '--spool', spool, '--topic'];
    expect(await command([...publish, '/one'])).to.deep.equal(kept());
    const forward = await command(['forward', '--spool', spool], {
      stdin: envelope(10) + envelope(11),
    });
    expect(forward).to.deep.equal(kept());
    const before = Date.now();
    await broker.start();
    expect(await command([...publish, '/two'])).to.deep.equal(SILENT);
    expect(await topics()).to.deep.equal(['/one', '/t/10', '/t/11', '/two']);
    const { stdout } = await command(['events', '--no-follow', '--format', 'json']);
    const times = [...stdout.matchAll(/"timestamp":"([^"]+)"/g)].map(([, time = '']) => time);
    expect(Date.parse(times[0] ?? '')).to.be.at.most(before);
    expect(times[1]).to.equal('2023-11-14T22:13:10.000000000Z');
  });

  it('forward without input stores the kept events, or reports why it cannot', async () => {
    await command(['forward', '--spool', spool], { stdin: envelope(10) });
    const failed = await command(['forward', '--spool', spool]);
    expect(failed.exitCode).to.equal(1);
    expect(failed.stderr).to.match(/^foghorn: cannot reach .*\n$/);
    await broker.start();
    expect(await command(['forward', '--spool', spool])).to.deep.equal(SILENT);
    expect(await command(['forward', '--spool', spool])).to.deep.equal(SILENT);
    expect(await topics()).to.deep.equal(['/t/10']);
  });

  it('name an event that the broker refuses', async () => {
    await broker.start();
    const { exitCode, stderr } = await command(['publish', '--spool', spool, '--topic', '/x y']);
    expect(exitCode).to.equal(2);
    expect(stderr).to.match(/^foghorn: .*x y.*\n$/);
    expect(await topics()).to.deep.equal([]);
  });

  it('fail before anything is published if the spool is not a directory', async () => {
    await broker.start();
    writeFileSync(spool, '');
    const { exitCode, stderr } = await command(['publish', '--spool', spool, '--topic', '/x']);
    expect(exitCode).to.equal(1);
    expect(stderr).to.contain(spool);
    expect(await topics()).to.deep.equal([]);
  });
});
