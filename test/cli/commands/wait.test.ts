import { expect } from 'chai';
import { run } from '../../../cli/program.js';
import { events, pack } from '../../../client/index.js';
import type { TaskExit } from '../../../protos/gen/events/task.js';
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
    const exit = run(terminal, ['-a', broker.address, '-n', 'default', 'wait', 'c']);
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
