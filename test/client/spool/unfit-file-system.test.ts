import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { foghorn } from '../../cli/test-terminal.js';
import { TestBroker } from '../../cli/test-broker.js';

/** Options that make every Node process that is started end with a signal. */
function endsWith(signal: NodeJS.Signals): string {
  return `--import data:text/javascript,process.kill(process.pid,'${signal}')`;
}

describe('a directory whose file system cannot map files', () => {
  const { NODE_OPTIONS, LD_PRELOAD } = process.env;
  let directory: string;
  let broker: TestBroker;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'foghorn-mapping-'));
    broker = await new TestBroker().start();
    // Any preloaded library makes a file system doubtful.
    setEnvironment({ NODE_OPTIONS: endsWith('SIGSEGV'), LD_PRELOAD: '' });
  });

  afterEach(async () => {
    setEnvironment({ NODE_OPTIONS, LD_PRELOAD });
    await broker.remove();
    rmSync(directory, { recursive: true });
  });

  function setEnvironment(values: NodeJS.ProcessEnv): void {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }

  const command = (...args: string[]) => foghorn(['-a', broker.address, ...args]);

  async function topics(): Promise<string[]> {
    const { stdout } = await command('events', '--no-follow');
    return stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split(' ')[5] ?? '');
  }

  it('lets publish go on without a spool, and says so', async () => {
    const outcome = await command('publish', '--spool', join(directory, 'spool'), '--topic', '/a');
    expect(outcome.exitCode).to.equal(0);
    expect(outcome.stderr).to.contain(
      'publishing without the spool: cannot use the spool in ' +
        `${directory}/spool: its file system lacks shared memory maps or locks: LMDB was tried, and it ended with SIGSEGV`,
    );
    expect(await topics()).to.deep.equal(['/a']);
  });

  it("lets monitor go on without a spool, with the command's exit code", async () => {
    const spool = ['--spool', join(directory, 'spool')];
    const outcome = await command('monitor', ...spool, '--', 'sh', '-c', 'exit 7');
    expect(outcome.exitCode).to.equal(7);
    expect(outcome.stderr.match(/cannot use the spool, publishing without it/g)).to.have.length(1);
    expect(await topics()).to.deep.equal(['/tasks/create', '/tasks/start', '/tasks/exit']);
  });

  it('refuses to publish when the attempt to use it was stopped', async () => {
    setEnvironment({ NODE_OPTIONS: endsWith('SIGTERM') });
    const outcome = await command('publish', '--spool', join(directory, 'spool'), '--topic', '/a');
    expect(outcome.exitCode).to.equal(1);
    expect(outcome.stderr).to.match(
      /cannot tell whether LMDB works in .*: the process that tried it was stopped with SIGTERM/,
    );
    expect(await topics()).to.deep.equal([]);
  });

  it('is refused by a recorder', async () => {
    const from = ['record', 'containerd', '--from', broker.address];
    const outcome = await command(...from, '--spool', join(directory, 'spool'));
    expect(outcome.exitCode).to.equal(1);
    expect(outcome.stderr).to.contain('give a directory on a local disk');
    expect(existsSync(join(directory, 'spool'))).to.equal(true);
    expect(readdirSync(join(directory, 'spool'))).to.deep.equal([]);
  });
});
