import { expect } from 'chai';
import { run } from '../../../cli/program.js';
import type { Envelope } from '../../../client/index.js';
import { ContainerUpdate } from '../../../protos/gen/containerd/events/container.js';
import { BrokerOverStore } from '../../support/broker-over-store.js';
import { recorded, recordingBegun } from '../../support/docker/recorded-events.js';
import { appendAll } from '../../support/history-append.js';
import { Container, type Happening } from '../../support/task-events.js';
import { foghorn, testTerminal } from '../test-terminal.js';

const NOISE: Happening = {
  topic: '/noise',
  event: { typeUrl: 'example.com/Noise', value: Buffer.alloc(0) },
};

/** One envelope a second, from the thousandth on. */
function told(namespace: string, ...happenings: Happening[]): Envelope[] {
  return happenings.map(({ topic, event }, at) => ({
    timestamp: { seconds: BigInt(1000 + at), nanos: 0 },
    namespace,
    topic,
    event,
  }));
}

/** With the labels that nerdctl gives. */
function named(id: string, name: string): Happening {
  const labels = new Map([
    ['nerdctl/name', name],
    ['app', '<shop>'],
  ]);
  const update = { id, image: 'docker.io/library/busybox:latest', labels };
  const value = ContainerUpdate.encode(ContainerUpdate.fromPartial(update)).finish();
  return {
    topic: '/containers/update',
    event: { typeUrl: 'containerd.events.ContainerUpdate', value },
  };
}

/**
 * A run of 90 seconds that ends with 137: seven entries, four of them visible to Docker clients.
 */
function oneRun(id: string, name: string): Happening[] {
  const container = new Container(id);
  return [
    container.made(),
    named(id, name),
    container.create(7),
    container.start(7),
    container.exit(7, 137, { exitedAt: 1093 }),
    container.delete(7, 137),
    container.removed(),
  ];
}

/** A Docker event of such a container, with extra attributes. */
function lineOf(action: string, second: number, more = ''): string {
  return (
    `{"status":"${action}","id":"c1","from":"busybox:latest","Type":"container","Action":"${action}",` +
    `"Actor":{"ID":"c1","Attributes":{"app":"\\u003cshop\\u003e",${more}"image":"busybox:latest",` +
    `"name":"web","nerdctl/name":"web"}},"scope":"local","time":${second},"timeNano":${second}000000000}`
  );
}

const CREATE =
  '{"status":"create","id":"c1","Type":"container","Action":"create",' +
  '"Actor":{"ID":"c1","Attributes":{"name":"c1"}},"scope":"local","time":1000,"timeNano":1000000000000}';
const START = lineOf('start', 1003);
const DIE = lineOf('die', 1004, '"execDuration":"90","exitCode":"137",');
const DESTROY = lineOf('destroy', 1006);
const EXITS = 'topic=="/tasks/exit"';

describe('foghorn events --format docker', () => {
  let broker: BrokerOverStore;

  beforeEach(async () => {
    broker = await BrokerOverStore.start('lmdb');
  });
  afterEach(() => broker.stop());

  /** The lines of what the history holds. */
  async function lines(...args: string[]): Promise<string[]> {
    const { stdout, stderr, exitCode } = await foghorn([
      ...['-a', broker.address, 'events', '--no-follow', '--format', 'docker'],
      ...args,
    ]);
    expect({ stderr, exitCode }).to.deep.equal({ stderr: '', exitCode: 0 });
    return stdout.split('\n').slice(0, -1);
  }

  it("translates containerd's events, with names and labels, and leaves the others out", async () => {
    await appendAll(broker.store, told('default', ...oneRun('c1', 'web'), NOISE));
    expect(await lines()).to.deep.equal([CREATE, START, DIE, DESTROY]);
  });

  it('knows a container whatever the filters leave out', async () => {
    await appendAll(broker.store, told('default', ...oneRun('c1', 'web')));
    expect(await lines(EXITS)).to.deep.equal([DIE]);
    expect(await lines('--topic', '/tasks/exit', 'event.exit_status==137')).to.deep.equal([DIE]);
    expect(await lines('--since', '1006')).to.deep.equal([DESTROY]);
    expect(await lines('--container', 'c1')).to.deep.equal([CREATE, START, DIE, DESTROY]);
  });

  it('counts the lines for --limit', async () => {
    await appendAll(broker.store, told('default', ...oneRun('c1', 'web')));
    expect(await lines('--limit', '1')).to.deep.equal([CREATE]);
    expect(await lines('--limit', '3')).to.deep.equal([CREATE, START, DIE]);
  });

  it('resumes after a cursor without a difference', async () => {
    await appendAll(broker.store, told('default', ...oneRun('c1', 'web')));
    const { stdout } = await foghorn([
      ...['-a', broker.address, 'events', '--no-follow', '--format', 'json', '--limit', '4'],
    ]);
    const { cursor } = JSON.parse(stdout.split('\n')[3]!) as { cursor: string };
    expect(await lines('--after', cursor)).to.deep.equal([DIE, DESTROY]);
  });

  it('keeps namespaces apart', async () => {
    const [one, two] = [told('one', ...oneRun('c1', 'web')), told('two', ...oneRun('c1', 'shop'))];
    await appendAll(
      broker.store,
      one.flatMap((envelope, at) => [envelope, two[at]!]),
    );
    const first = [CREATE, START, DIE, DESTROY];
    const second = first.map((line) => line.replaceAll('"web"', '"shop"'));
    expect(await lines()).to.deep.equal(first.flatMap((line, at) => [line, second[at]!]));
    expect(await lines('namespace==two')).to.deep.equal(second);
  });

  it("shows a recorded engine's events unchanged, and not containerd's events of the same containers", async () => {
    const exact = '{"Type":"container", "Action":"start", "timeNano":7, "Actor":{"ID":"c1"}}';
    const made = { action: 'create', timeNano: 5n, attributes: new Map([['image', 'busybox']]) };
    await appendAll(broker.store, [
      recordingBegun(),
      recorded(made),
      ...told('default', new Container().start(7)),
      recorded({ exact, timeNano: 7n }),
      recorded({ type: 'volume', action: 'create', actorId: 'v', timeNano: 8n }),
    ]);
    expect(await lines()).to.deep.equal([
      '{"status":"create","id":"c1","from":"busybox","Type":"container","Action":"create",' +
        '"Actor":{"ID":"c1","Attributes":{"image":"busybox"}},"scope":"local","time":0,"timeNano":5}',
      exact,
      '{"Type":"volume","Action":"create","Actor":{"ID":"v","Attributes":{}},"scope":"local","time":0,"timeNano":8}',
    ]);
  });

  it('shows exits that have outlasted the rest', async () => {
    await appendAll(broker.store, told('default', ...oneRun('c1', 'web'), NOISE));
    await broker.trim({ entries: 1 });
    expect(await lines()).to.deep.equal([]);
    expect(await lines(EXITS)).to.deep.equal([DIE]);
    expect(await lines('--container', 'c1')).to.deep.equal([CREATE, START, DIE, DESTROY]);
  });

  it('follows, with the same lines as later', async () => {
    const terminal = testTerminal();
    const args = ['-a', broker.address, 'events', '--format', 'docker', '--limit', '4'];
    const exit = run(terminal, args);
    const client = broker.client();
    while ((await client.describe()).subscriptionCount === 0);
    for (const envelope of told('default', ...oneRun('c1', 'web'))) await client.forward(envelope);
    expect(await exit).to.equal(0);
    expect(terminal.output.stdout).to.equal(`${[CREATE, START, DIE, DESTROY].join('\n')}\n`);
    expect(await lines()).to.deep.equal([CREATE, START, DIE, DESTROY]);
  });

  it('shows an event that is larger than what may be sent to the broker', async () => {
    const attributes = new Map([['label', '<'.repeat(4 * 1024 * 1024)]]);
    await appendAll(broker.store, [recorded({ attributes })]);
    const [line] = await lines();
    expect(line).to.have.length.above(24 * 1024 * 1024);
  });
});
