import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { eventually } from '../support/eventually.js';
import { BrokerProcess } from '../support/processes/broker-process.js';
import type { Child } from '../support/processes/child.js';
import { Cleanup } from '../support/processes/cleanup.js';
import { Containerd } from './containerd.js';
import { untilAllShow } from './markers.js';

/** Runs until SIGUSR1, and ends with a code of its own. */
const SCRIPT = 'trap "exit 42" USR1; while :; do sleep 0.1; done';

describe('how containers of a recorded containerd ended', () => {
  const cleanup = new Cleanup();
  let containerd: Containerd;
  let broker: BrokerProcess;
  let recorder: Child;

  beforeEach(async () => {
    containerd = await Containerd.start(cleanup);
    broker = await BrokerProcess.create(cleanup);
    await broker.start();
    await record();
  });

  afterEach(() => cleanup.run());

  async function record(): Promise<void> {
    const from = ['--from', containerd.socket, '--spool', broker.file('containerd')];
    recorder = await broker.run(['record', 'containerd', ...from]);
    cleanup.defer(() => recorder.end('SIGKILL'));
    const follower = await broker.run(['events']);
    cleanup.defer(() => follower.end('SIGKILL'));
    await untilAllShow(containerd.client, [follower]);
  }

  function wait(id: string, ...flags: string[]): Promise<Child> {
    return broker.run(['wait', id, '--timeout', '60s', ...flags]);
  }

  async function untilRuns(id: string): Promise<void> {
    const shown = await broker.run(['events', '--since', '1h', '--container', id, '--limit', '2']);
    await shown.exited;
  }

  /** Resolves when the history has the start of an exec. */
  async function untilStarted(exec: string): Promise<void> {
    const filter = `topic=="/tasks/exec-started",event.exec_id==${exec}`;
    const shown = await broker.run(['events', filter, '--since', '1h', '--limit', '1']);
    await shown.exited;
  }

  /** Lists the processes of a task as text. */
  async function processesOf(id: string): Promise<string> {
    return (await containerd.ctr('tasks', 'ps', id).succeeded()).stdout.join('\n');
  }

  it('is the true code if only the event was missed', async () => {
    await containerd.runDetached('job', SCRIPT);
    await untilRuns('job');
    const early = await wait('job');
    await recorder.end('SIGKILL');
    await containerd.ctr('tasks', 'kill', '--signal', 'SIGUSR1', 'job').succeeded();
    await delay(500);
    await record();
    expect((await early.succeeded()).stdout).to.deep.equal(['42']);
    expect((await (await wait('job')).succeeded()).stdout).to.deep.equal(['42']);
  });

  it('is not taken from a shim that does not answer', async () => {
    await containerd.runDetached('job', SCRIPT);
    await untilRuns('job');
    await recorder.end('SIGKILL');
    await containerd.signalShims('SIGSTOP');
    const waiting = await wait('job');
    try {
      await record();
      // The recorder compares when it starts, and containerd answers after two seconds.
      await delay(5000);
    } finally {
      await containerd.signalShims('SIGCONT');
    }
    expect(waiting.stdout).to.deep.equal([]);
    await containerd.ctr('tasks', 'kill', '--signal', 'SIGUSR1', 'job').succeeded();
    expect((await waiting.succeeded()).stdout).to.deep.equal(['42']);
  });

  it('is the true code if the whole run was missed', async () => {
    const early = await wait('job', '--for-creation');
    await recorder.end('SIGKILL');
    await containerd.runDetached('job', 'exit 42');
    await delay(500);
    await record();
    expect((await early.succeeded()).stdout).to.deep.equal(['42']);
    expect((await (await wait('job')).succeeded()).stdout).to.deep.equal(['42']);
  });

  it('is lost if containerd no longer knows the run', async () => {
    await containerd.runDetached('job', SCRIPT);
    await untilRuns('job');
    const early = await wait('job');
    await recorder.end('SIGKILL');
    await containerd.ctr('tasks', 'kill', '--signal', 'SIGKILL', 'job').succeeded();
    await delay(500);
    await containerd.ctr('tasks', 'delete', 'job').exited;
    await record();
    for (const waiting of [early, await wait('job')]) {
      expect((await waiting.exited).code).to.equal(1);
      expect(waiting.stderr.join('\n')).to.include('containerd no longer knows the run');
    }
  });

  it('is lost if the whole run was missed and containerd no longer knows it', async () => {
    const early = await wait('job', '--for-creation');
    await recorder.end('SIGKILL');
    await containerd.runDetached('job', 'exit 42');
    await delay(500);
    await containerd.ctr('tasks', 'delete', 'job').exited;
    await record();
    // The second one is asked when the recorder is there, and tells the first one.
    for (const waiting of [await wait('job', '--for-creation'), early]) {
      expect((await waiting.exited).code).to.equal(1);
      expect(waiting.stderr.join('\n')).to.include('created before the recording began');
    }
    await containerd.ctr('tasks', 'start', '--detach', '--null-io', 'job').succeeded();
    expect((await (await wait('job')).succeeded()).stdout).to.deep.equal(['42']);
  });

  it('is an error for a command that could not be started', async () => {
    const flags = ['run', '--null-io', '--cgroup', '', '--rootfs', containerd.rootFilesystem];
    const early = await wait('bad');
    expect((await containerd.ctr(...flags, 'bad', '/no/such').exited).code).to.not.equal(0);
    await containerd.ctr('containers', 'delete', 'bad').exited;
    for (const waiting of [early, await wait('bad')]) {
      expect((await waiting.exited).code).to.equal(1);
    }
  });

  it('is an error for an exec that could not be started', async () => {
    await containerd.runDetached('job', SCRIPT);
    await untilRuns('job');
    const early = await wait('job', '--exec', 'e1');
    const exec = containerd.ctr('tasks', 'exec', '--exec-id', 'e1', 'job', '/no/such');
    expect((await exec.exited).code).to.not.equal(0);
    for (const waiting of [early, await wait('job', '--exec', 'e1')]) {
      expect((await waiting.exited).code).to.equal(1);
      expect(waiting.stderr.join('\n')).to.include('containerd no longer knows the exec');
    }
  });

  it('is the true code of an exec if only the event was missed', async () => {
    await containerd.runDetached('job', SCRIPT);
    await untilRuns('job');
    const script = 'while [ ! -e /over ]; do sleep 0.1; done; exit 4';
    const exec = ['--exec-id', 'e1', 'job', '/bin/sh', '-c', script];
    await containerd.ctr('tasks', 'exec', '--detach', ...exec).succeeded();
    const early = await wait('job', '--exec', 'e1');
    await untilStarted('e1');
    await recorder.end('SIGKILL');
    await writeFile(join(containerd.rootFilesystem, 'over'), '');
    await eventually(async () => !(await processesOf('job')).includes('e1'));
    await record();
    for (const waiting of [early, await wait('job', '--exec', 'e1')]) {
      expect((await waiting.succeeded()).stdout).to.deep.equal(['4']);
    }
  });
});
