import { expect } from 'chai';
import { Child } from '../support/processes/child.js';
import { Cleanup } from '../support/processes/cleanup.js';
import { BrokerProcess } from '../support/processes/broker-process.js';
import { eventually } from '../support/eventually.js';
import { Containerd } from './containerd.js';
import { exitsIn, topicOf } from './event-line.js';

const RUNTIME = ['--runtime', 'io.containerd.foghorn.v2'];

/** `ctr` gives the directory of `--runc-root` only to runc's own shim, so names must be unique. */
const [seven, away, alone, twice] = ['seven', 'away', 'alone', 'twice'].map(
  (name) => `${name}-${process.pid}`,
) as [string, string, string, string];

const TASK_TOPICS = ['/tasks/create', '/tasks/start', '/tasks/exit', '/tasks/delete'];

describe('an unmodified shim that publishes here', () => {
  const cleanup = new Cleanup();
  let containerd: Containerd;
  let broker: BrokerProcess;
  let broking: Child;

  before(async () => {
    broker = await BrokerProcess.create(cleanup);
    const programs = broker.file('bin');
    const path = `${programs}:${process.env.PATH ?? ''}`;
    containerd = await Containerd.start(cleanup, { ...process.env, PATH: path });
    await startBroker();
    const ttrpc = `unix://${broker.socket}.ttrpc`;
    const installed = await broker.run(['shim', 'install', '--dir', programs, '--ttrpc', ttrpc]);
    expect((await installed.succeeded()).stdout).to.include(
      'use it as the runtime io.containerd.foghorn.v2, for example:',
    );
  });

  after(() => cleanup.run());

  async function startBroker(): Promise<void> {
    broking = await broker.start({ flags: ['--relay', `unix://${containerd.socket}.ttrpc`] });
  }

  /** A subscriber of containerd, from now on. */
  async function atContainerd(): Promise<Child> {
    const events = containerd.ctr('events');
    cleanup.defer(() => events.end('SIGKILL'));
    await eventually(async () => {
      await containerd.ctr('namespaces', 'label', 'default', `now=${Date.now()}`).exited;
      return events.stdout.length > 0;
    });
    return events;
  }

  /** Runs a container, which is removed at the end. */
  async function runContainer(id: string, script: string): Promise<void> {
    await containerd.runDetached(id, script, ...RUNTIME);
    cleanup.defer(async () => {
      await containerd.ctr('tasks', 'delete', '--force', id).exited;
    });
  }

  async function history(): Promise<readonly string[]> {
    return (await (await broker.run(['events', '--no-follow'])).succeeded()).stdout;
  }

  async function untilExited(id: string, code: number): Promise<void> {
    await eventually(async () =>
      exitsIn(await history()).some(([found, status]) => found === id && status === code),
    );
  }

  const topicsOf = (lines: readonly string[], id: string): string[] =>
    lines.filter((line) => line.includes(`"container_id":"${id}"`)).map(topicOf);

  it('has its events in the history, and containerd has them in the same order', async () => {
    const events = await atContainerd();
    await runContainer(seven, 'exit 7');
    await untilExited(seven, 7);
    await containerd.ctr('tasks', 'delete', seven).exited;
    await events.until('show the end', () =>
      topicsOf(events.stdout, seven).includes('/tasks/delete'),
    );
    expect(topicsOf(await history(), seven)).to.deep.equal(TASK_TOPICS);
    expect([...new Set(topicsOf(events.stdout, seven))]).to.deep.equal(TASK_TOPICS);
  });

  it('has its exit in the history while containerd is stopped, and there afterwards', async () => {
    await runContainer(away, 'sleep 1; exit 9');
    await containerd.end('SIGTERM');
    await untilExited(away, 9);
    // The relay must not be faster than the subscriber.
    broking.signal('SIGSTOP');
    await containerd.startAgain();
    const events = await atContainerd();
    broking.signal('SIGCONT');
    await events.until('show the exit', () =>
      exitsIn(events.stdout).some(([id, code]) => id === away && code === 9),
    );
  });

  it('publishes to containerd while no broker listens, though its socket file is left', async () => {
    const events = await atContainerd();
    await broker.end('SIGKILL');
    await runContainer(alone, 'exit 3');
    await events.until('show the exit', () =>
      exitsIn(events.stdout).some(([id, code]) => id === alone && code === 3),
    );
  });

  it('is stored once when a recorder brings the same events', async () => {
    await startBroker();
    const recorder = await broker.run(['record', 'containerd', '--from', containerd.socket]);
    cleanup.defer(() => recorder.end('SIGKILL'));
    await runContainer(twice, 'sleep 1; exit 4');
    await untilExited(twice, 4);
    await containerd.ctr('tasks', 'delete', twice).exited;
    await containerd.ctr('containers', 'delete', twice).succeeded();
    await eventually(async () =>
      (await history()).some(
        (line) => topicOf(line) === '/containers/delete' && line.includes(`"${twice}"`),
      ),
    );
    // On a slow machine the recorder may observe the run before its events arrive.
    const reported = topicsOf(await history(), twice).filter((topic) =>
      topic.startsWith('/tasks/'),
    );
    expect(reported).to.deep.equal(TASK_TOPICS);
  });
});
