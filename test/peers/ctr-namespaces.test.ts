import { expect } from 'chai';
import { connect } from '../../client/index.js';
import { Child } from '../support/processes/child.js';
import { BrokerProcess } from '../support/processes/broker-process.js';
import { Cleanup } from '../support/processes/cleanup.js';
import { Containerd } from './containerd.js';
import { publishMarker, shows } from './markers.js';

interface Result {
  readonly code: number | null;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

/** Warnings of ctr at a server of another version. */
const WARNINGS = ['WARNING: version mismatch', 'WARNING: revision mismatch'];

const LONG = 'x'.repeat(77);

/** Commands whose outcome does not depend on what containerd alone knows. */
const COMMANDS: readonly (readonly string[])[] = [
  ['create', 'shop', 'tier=front', 'empty='],
  ['create', 'shop'],
  ['create', 'jobs'],
  ['create', ''],
  ['create', 'a/b'],
  ['create', '50%d'],
  ['create', LONG],
  ['ls'],
  ['ls', '-q'],
  ['label', 'shop', 'tier=back', 'owner=me'],
  ['ls'],
  ['label', 'shop', 'owner='],
  ['label', 'new', 'made=by-label'],
  ['ls'],
  ['rm', 'jobs', 'nothing'],
  ['ls'],
  ['create', 'jobs'],
  ['rm', 'jobs', 'shop', 'new'],
  ['ls'],
];

describe("containerd's namespaces, version and introspection at Foghorn", () => {
  const cleanup = new Cleanup();
  let containerd: Containerd;
  let broker: BrokerProcess;

  beforeEach(async () => {
    containerd = await Containerd.start(cleanup);
    broker = await BrokerProcess.create(cleanup);
    await broker.start();
  });

  afterEach(() => cleanup.run());

  async function ctr(socket: string, ...args: readonly string[]): Promise<Result> {
    const child = new Child('ctr', ['--address', socket, ...args]);
    const { code } = await child.exited;
    return { code, stdout: child.stdout, stderr: child.stderr.map(withoutTime) };
  }

  it('answers `ctr namespaces` as containerd does', async () => {
    for (const args of COMMANDS) {
      const expected = await ctr(containerd.socket, 'namespaces', ...args);
      const answered = await ctr(broker.socket, 'namespaces', ...args);
      expect(answered, args.join(' ')).to.deep.equal(expected);
    }
  });

  it('publishes the events that containerd publishes, in the namespace that they are about', async () => {
    const streams = [containerd.socket, broker.socket].map(
      (socket) => new Child('ctr', ['--address', socket, 'events']),
    );
    for (const stream of streams) cleanup.defer(() => stream.end('SIGKILL'));
    const client = connect({ address: broker.address });
    cleanup.defer(() => client.close());
    const clients = [containerd.client, client] as const;
    for (const [index, stream] of streams.entries()) {
      for (let n = 0; !shows(stream, 'begin'); n++) {
        await publishMarker(clients[index]!, `begin-${n}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    for (const socket of [containerd.socket, broker.socket]) {
      for (const args of [
        ['create', 'shop', 'tier=front'],
        ['label', 'shop', 'tier=back'],
        ['label', 'shop', 'tier='],
        ['rm', 'shop'],
      ]) {
        await ctr(socket, '--namespace', 'default', 'namespaces', ...args);
      }
    }
    const shown = streams.map(
      ({ stdout }) =>
        () =>
          stdout.filter((line) => line.includes('/namespaces/')).map(withoutTime),
    );
    for (const [index, stream] of streams.entries()) {
      await stream.until('show the deletion', () =>
        shown[index]!().some((line) => line.includes('delete')),
      );
    }
    // containerd 1.6 publishes creations and updates in the namespace of the request instead.
    const expected = shown[0]!().map((line) => line.replace(/^default /, 'shop '));
    expect(shown[1]!()).to.deep.equal(expected);
  });

  it('refuses to remove a namespace with containers, with the text of containerd', async () => {
    const spool = ['--spool', broker.file('recorder')];
    const recorder = await broker.run([
      'record',
      'containerd',
      '--from',
      containerd.socket,
      ...spool,
    ]);
    cleanup.defer(() => recorder.end('SIGKILL'));
    await recorder.until('record', () =>
      recorder.stderr.some((line) => line.includes('recording')),
    );
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await containerd.ctr('namespaces', 'create', 'shop').succeeded();
    const inShop = containerd.ctr(
      ...['--namespace', 'shop', 'containers', 'create'],
      ...['--rootfs', containerd.rootFilesystem, 'web', '/bin/true'],
    );
    await inShop.succeeded();
    const expected = await ctr(containerd.socket, 'namespaces', 'rm', 'shop');
    expect(expected.stderr.join()).to.contain('must be empty');
    let answered = await ctr(broker.socket, 'namespaces', 'rm', 'shop');
    for (let tries = 0; tries < 20 && !answered.stderr.join().includes('must be empty'); tries++) {
      answered = await ctr(broker.socket, 'namespaces', 'rm', 'shop');
    }
    expect(answered).to.deep.equal(expected);
    await containerd.ctr('--namespace', 'shop', 'containers', 'rm', 'web').succeeded();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await ctr(broker.socket, 'namespaces', 'rm', 'shop')).to.deep.equal(
      await ctr(containerd.socket, 'namespaces', 'rm', 'shop'),
    );
  });

  it('answers `ctr version`', async () => {
    const { code, stdout, stderr } = await ctr(broker.socket, 'version');
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: WARNINGS });
    const server = stdout.slice(stdout.indexOf('Server:'));
    expect(server[1]).to.match(/^ {2}Version: {2}\d+\.\d+\.\d+$/);
    expect(server[2]).to.equal('  Revision: foghorn');
    expect(server[3]).to.match(/^ {2}UUID: [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const again = await ctr(broker.socket, 'version');
    expect(again.stdout).to.deep.equal(stdout);
  });
});

/** Removes the time from a line of `ctr events`, and from a line of ctr's log. */
function withoutTime(line: string): string {
  return line
    .replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,9})? \+0000 UTC /, '')
    .replace(/^time="[^"]*" /, '');
}
