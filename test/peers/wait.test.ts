import { expect } from 'chai';
import type { Child } from '../support/processes/child.js';
import { Cleanup } from '../support/processes/cleanup.js';
import { BrokerProcess } from '../support/processes/broker-process.js';
import { Containerd } from './containerd.js';
import { untilAllShow } from './markers.js';

/** A script that runs until SIGUSR1 or SIGTERM, each with its own exit code. */
const SCRIPT = 'trap "exit 42" USR1; trap "exit 0" TERM; while :; do sleep 0.1; done';

interface Start {
  readonly cursor: string;
  readonly pid: string;
}

describe('foghorn wait for a container of containerd', () => {
  const cleanup = new Cleanup();
  let containerd: Containerd;
  let broker: BrokerProcess;
  let bridge: Child;

  beforeEach(async () => {
    containerd = await Containerd.start(cleanup);
    broker = await BrokerProcess.create(cleanup);
    await broker.start();
    bridge = await broker.run([
      'record',
      'containerd',
      '--from',
      containerd.socket,
      '--spool',
      broker.file('containerd'),
    ]);
    cleanup.defer(() => bridge.end('SIGKILL'));
    const follower = await broker.run(['events']);
    cleanup.defer(() => follower.end('SIGKILL'));
    await untilAllShow(containerd.client, [follower]);
  });

  afterEach(() => cleanup.run());

  /** Returns the output of `foghorn wait`. */
  async function waited(...args: string[]): Promise<string[]> {
    const command = await broker.run(['wait', '--timeout', '20s', ...args]);
    return (await command.succeeded()).stdout;
  }

  /** Returns the container's starts in the history, oldest first. */
  async function starts(): Promise<Start[]> {
    const args = ['events', '--no-follow', '--format', 'json', '--container', 'job'];
    const shown = await (await broker.run([...args, '--topic', '/tasks/start'])).succeeded();
    return shown.stdout.map((line) => {
      const { cursor, event } = JSON.parse(line) as { cursor: string; event: { pid: number } };
      return { cursor, pid: String(event.pid) };
    });
  }

  it('reports an exit that happened while the broker was down, also after the next run', async () => {
    const early = await broker.run(['wait', '--for-creation', 'job']);
    cleanup.defer(() => early.end('SIGKILL'));
    await early.until('wait', () =>
      early.stderr.some((line) => line.includes('is not known in namespace')),
    );
    await containerd.runDetached('job', SCRIPT);
    await broker.end('SIGKILL');
    await containerd.ctr('tasks', 'kill', '--signal', 'SIGUSR1', 'job').succeeded();
    await bridge.until('notice', () =>
      bridge.stderr.some((line) => line.includes('no connection')),
    );
    await broker.start();
    expect(await waited('job')).to.deep.equal(['42']);
    expect((await early.succeeded()).stdout, 'begun before').to.deep.equal(['42']);
    const [first] = await starts();

    await containerd.ctr('tasks', 'delete', 'job').exited;
    await containerd.ctr('tasks', 'start', '--detach', '--null-io', 'job').succeeded();
    expect(await waited('job', '--pid', first!.pid), 'while it runs again').to.deep.equal(['42']);
    await containerd.ctr('tasks', 'kill', '--signal', 'SIGTERM', 'job').succeeded();
    const [, second] = await starts();
    expect(await waited('job', '--after', second!.cursor)).to.deep.equal(['0']);
    expect(await waited('job')).to.deep.equal(['0']);
    expect(await waited('job', '--pid', first!.pid)).to.deep.equal(['42']);
    expect(await waited('job', '--after', first!.cursor)).to.deep.equal(['42']);
  });

  it('distinguishes the end of an exec from the end of the container', async () => {
    await containerd.runDetached('job', SCRIPT);
    const exec = ['tasks', 'exec', '--exec-id', 'probe', 'job', '/bin/sh', '-c', 'exit 5'];
    expect(await containerd.ctr(...exec).exited).to.include({ code: 5 });
    expect(await waited('job', '--exec', 'probe')).to.deep.equal(['5']);
    const tooShort = await broker.run(['wait', 'job', '--timeout', '500ms']);
    expect(await tooShort.exited).to.include({ code: 1 });
    expect(tooShort.stdout).to.deep.equal([]);
    await containerd.ctr('tasks', 'kill', '--signal', 'SIGKILL', 'job').succeeded();
    expect(await waited('job')).to.deep.equal(['137']);
  });
});
