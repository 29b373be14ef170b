import { expect } from 'chai';
import { Any, connect, events } from '../../client/index.js';
import type { Client } from '../../client/index.js';
import { Child } from '../support/processes/child.js';
import { Cleanup } from '../support/processes/cleanup.js';
import { BrokerProcess } from '../support/processes/broker-process.js';
import { eventually } from '../support/eventually.js';
import { CONTAINERD_COMMANDS, findInstalled } from './installed.js';

const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,9})? \+0000 UTC /;

/** Returns a serialized Any with the exit of a container, as `containerd publish` reads it. */
function exitBytes(containerId: string, exitStatus: number): Uint8Array {
  const exitedAt = { seconds: 1_700_000_001n, nanos: 5 };
  const exit = events.TaskExit.fromPartial({ containerId, id: containerId, exitStatus, exitedAt });
  const value = Buffer.from(events.TaskExit.encode(exit).finish());
  return Any.encode({ typeUrl: 'containerd.events.TaskExit', value }).finish();
}

function exitLine(namespace: string, id: string, code: number): string {
  const fields = `"container_id":"${id}","id":"${id}","exit_status":${code}`;
  return `${namespace} /tasks/exit {${fields},"exited_at":"2023-11-14T22:13:21.000000005Z"}`;
}

function withoutTimes(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(TIME, ''));
}

describe("containerd's command line at Foghorn", () => {
  const cleanup = new Cleanup();
  let broker: BrokerProcess;
  let client: Client;

  before(() => findInstalled(CONTAINERD_COMMANDS));

  beforeEach(async () => {
    broker = await BrokerProcess.create(cleanup);
    await broker.start();
    client = connect({ address: broker.address });
    cleanup.defer(() => client.close());
  });

  afterEach(() => cleanup.run());

  function ctrEvents(...filters: string[]): Child {
    return new Child('ctr', ['--address', broker.socket, 'events', ...filters]);
  }

  function containerdPublish(args: readonly string[], input: Uint8Array): Child {
    return new Child('containerd', ['--address', broker.socket, 'publish', ...args], { input });
  }

  /** Resolves when all subscribers are subscribed. */
  async function subscribed(...subscribers: Child[]): Promise<void> {
    for (const child of subscribers) cleanup.defer(() => child.end('SIGKILL'));
    await eventually(async () => {
      const ended = subscribers.find((child) => !child.running);
      await ended?.until('subscribe', () => false);
      return (await client.describe()).subscriptionCount === subscribers.length;
    });
  }

  async function publishExit(namespace: string, id: string, code: number): Promise<void> {
    const args = ['--topic', '/tasks/exit', '--namespace', namespace];
    const child = await containerdPublish(args, exitBytes(id, code)).succeeded();
    expect([...child.stdout, ...child.stderr]).to.deep.equal([]);
  }

  it('shows the events of `containerd publish` and `foghorn publish`, as `foghorn events` does', async () => {
    const ctr = ctrEvents();
    const foghorn = await broker.run(['events']);
    await subscribed(ctr, foghorn);
    await publishExit('demo', 'web', 137);
    const fromStdin = ['-n', 'other', 'publish', '--topic', '/tasks/exit'];
    await (await broker.run(fromStdin, { input: exitBytes('db', 3) })).succeeded();
    const json = '{"container_id":"web","exec_id":"shell"}';
    const typed = ['--type', 'containerd.events.TaskExecAdded', '--json', json];
    await (await broker.run(['publish', '--topic', '/tasks/exec-added', ...typed])).succeeded();
    for (const child of [ctr, foghorn]) {
      await child.until('show three events', () => child.stdout.length === 3);
    }
    expect(withoutTimes(ctr.stdout)).to.deep.equal([
      exitLine('demo', 'web', 137),
      exitLine('other', 'db', 3),
      `default /tasks/exec-added ${json}`,
    ]);
    expect(foghorn.stdout).to.deep.equal(ctr.stdout);
  });

  it('combines conditions in a filter with AND, and several filters with OR', async () => {
    const filtered = ctrEvents('namespace==demo,event.container_id==web', 'event.id~=^db-[0-9]$');
    const everything = ctrEvents();
    await subscribed(filtered, everything);
    await publishExit('demo', 'web', 1);
    await publishExit('other', 'web', 2);
    await publishExit('other', 'db-1', 3);
    await publishExit('demo', 'db-12', 4);
    await publishExit('demo', 'web', 5);
    await everything.until('show five events', () => everything.stdout.length === 5);
    await filtered.until('show three events', () => filtered.stdout.length === 3);
    expect(withoutTimes(filtered.stdout)).to.deep.equal([
      exitLine('demo', 'web', 1),
      exitLine('other', 'db-1', 3),
      exitLine('demo', 'web', 5),
    ]);
  });

  it('gets the position of an error in a filter', async () => {
    const ctr = ctrEvents('topic==/tasks/exit');
    expect(await ctr.exited).to.deep.equal({ code: 1, signal: null });
    expect(ctr.stderr).to.deep.equal([
      'ctr: rpc error: code = InvalidArgument desc = subscription error: failed parsing subscription ' +
        'filters: filters: parse error: [topic== >|/|< tasks/exit]: invalid quote encountered: invalid argument',
    ]);
  });

  it("gets containerd's error texts for an invalid event", async () => {
    const noNamespace = containerdPublish(['--topic', '/tasks/exit'], exitBytes('web', 1));
    expect(await noNamespace.exited).to.deep.equal({ code: 1, signal: null });
    expect(noNamespace.stderr).to.deep.equal([
      'containerd: failed publishing event: namespace is required: failed precondition',
    ]);
    const badTopic = containerdPublish(
      ['--topic', 'x', '--namespace', 'demo'],
      exitBytes('web', 1),
    );
    expect(await badTopic.exited).to.deep.equal({ code: 1, signal: null });
    expect(badTopic.stderr).to.deep.equal([
      `containerd: envelope topic "x": must start with '/': invalid argument`,
    ]);
  });

  it('shows all events of a broker that stops', async () => {
    const ctr = ctrEvents();
    await subscribed(ctr);
    await publishExit('demo', 'web', 137);
    expect(await broker.end('SIGTERM')).to.deep.equal({ code: 0, signal: null });
    expect(await ctr.exited).to.deep.equal({ code: 1, signal: null });
    expect(withoutTimes(ctr.stdout)).to.deep.equal([exitLine('demo', 'web', 137)]);
    expect(ctr.stderr).to.deep.equal(['ctr: EOF']);
  });
});
