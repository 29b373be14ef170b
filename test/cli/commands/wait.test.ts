import { expect } from 'chai';
import { run } from '../../../cli/program.js';
import { events, pack } from '../../../client/index.js';
import type { TaskExit } from '../../../protos/gen/containerd/events/task.js';
import { TestBroker } from '../test-broker.js';
import { foghorn, testTerminal } from '../test-terminal.js';

describe('foghorn wait', () => {
  let broker: TestBroker;

  beforeEach(async () => {
    broker = await new TestBroker().start();
  });

  afterEach(async () => {
    await broker.remove();
  });

  /** Resolves with the cursor of the start. */
  async function started(containerId: string, pid: number): Promise<string> {
    const event = pack(events.TaskStart, { containerId, pid });
    const receipt = await broker.client.publish({ topic: '/tasks/start', event });
    return receipt.kind === 'stored' ? receipt.cursor : '';
  }

  async function ended(exit: Partial<TaskExit>): Promise<void> {
    const event = pack(events.TaskExit, { id: exit.containerId ?? '', ...exit });
    await broker.client.publish({ topic: '/tasks/exit', event });
  }

  const wait = (...args: string[]) => foghorn(['-a', broker.address, 'wait', ...args]);

  const prints = (stdout: string) => ({ exitCode: 0, stdout: `${stdout}\n`, stderr: '' });

  it('answers for the newest run, for a process id and for what followed a start', async () => {
    const firstStart = await started('c', 11);
    await ended({ containerId: 'c', pid: 11, exitStatus: 3 });
    await started('c', 12);
    await ended({ containerId: 'c', id: 'exec', pid: 13, exitStatus: 5 });
    await ended({ containerId: 'c', pid: 12, exitStatus: 0 });
    expect(await wait('c')).to.deep.equal(prints('0'));
    expect(await wait('c', '--pid', '11')).to.deep.equal(prints('3'));
    expect(await wait('c', '--after', firstStart)).to.deep.equal(prints('3'));
    expect(await wait('c', '--exec', 'exec')).to.deep.equal(prints('5'));
  });

  it('reports an unknown container, and waits for it across a restart of the broker', async () => {
    const terminal = testTerminal();
    const exit = run(terminal, ['-a', broker.address, 'wait', '--for-creation', 'c']);
    await terminal.shows('container c is not known in namespace default yet; waiting for it');
    await broker.stop();
    await terminal.shows('no connection to the broker');
    await broker.start();
    await ended({ containerId: 'c', pid: 1, exitStatus: 137 });
    expect(await exit).to.equal(0);
    expect(terminal.output.stdout).to.equal('137\n');
    expect(terminal.output.stderr).to.contain('the broker is back');
  });

  it('leaves what has ended before to the past with --next', async () => {
    await ended({ containerId: 'c', pid: 11, exitStatus: 3 });
    const { exitCode, stdout } = await wait('c', '--next', '--timeout', '50ms');
    expect({ exitCode, stdout }).to.deep.equal({ exitCode: 1, stdout: '' });
  });

  it('finds containers by the beginning of an id, in any namespace', async () => {
    const event = pack(events.TaskExit, { containerId: 'abc1', id: 'abc1', exitStatus: 7 });
    await broker.client.publish({ topic: '/tasks/exit', event, namespace: 'jobs' });
    expect(await wait('abc')).to.deep.equal(prints('7'));
  });

  it('prints each of several containers, or the first with --any', async () => {
    await ended({ containerId: 'a', pid: 1, exitStatus: 3 });
    await started('b', 2);
    expect(await wait('--any', 'b', 'a')).to.deep.equal(prints('a 3'));
    await ended({ containerId: 'b', pid: 2, exitStatus: 4 });
    const { stdout } = await wait('a', 'b');
    expect(stdout.split('\n').sort()).to.deep.equal(['', 'a 3', 'b 4']);
  });

  it('says what is known instead of an unknown container', async () => {
    await started('backup', 1);
    const misspelt = await wait('bakup');
    expect(misspelt).to.include({ exitCode: 1, stdout: '' });
    expect(misspelt.stderr).to.contain('container bakup is not known: did you mean backup?');
    expect((await wait('other')).stderr).to.contain('other is not known: known are backup;');
    const elsewhere = await foghorn(['-a', broker.address, '-n', 'moby', 'wait', 'backup']);
    expect(elsewhere.stderr).to.contain('in namespace moby, but in namespace default');
  });

  it('refuses the beginning of several ids', async () => {
    await started('job1', 1);
    await started('job2', 2);
    const { exitCode, stderr } = await wait('job');
    expect(exitCode).to.equal(2);
    expect(stderr).to.match(
      /container job is ambiguous: default\/job\d, default\/job\d; give more/,
    );
  });

  it('fails when it takes longer than the timeout', async () => {
    await started('c', 11);
    const { exitCode, stdout, stderr } = await wait('c', '--timeout', '50ms');
    expect({ exitCode, stdout }).to.deep.equal({ exitCode: 1, stdout: '' });
    expect(stderr).to.match(/^foghorn: .*c.*has not ended within.*\n$/);
  });

  it('fails at once when there is no broker', async () => {
    const { exitCode, stderr } = await foghorn(['-a', 'unix:///nowhere/f.sock', 'wait', 'c']);
    expect(exitCode).to.equal(1);
    expect(stderr).to.match(/^foghorn: cannot reach .*\n$/);
  });
});
