import { expect } from 'chai';
import { connect } from '../../client/index.js';
import type { Client } from '../../client/index.js';
import { missedIn } from '../bridge/missed.js';
import { recordedIn } from '../bridge/docker/recorded.js';
import { BrokerProcess } from '../support/processes/broker-process.js';
import type { Child } from '../support/processes/child.js';
import { Cleanup } from '../support/processes/cleanup.js';
import { eventually } from '../support/eventually.js';
import { Podman } from './podman.js';

describe('foghorn record docker at a Podman', () => {
  const cleanup = new Cleanup();
  let podman: Podman;
  let broker: BrokerProcess;
  let client: Client;

  before(async () => {
    podman = await Podman.start(cleanup);
    broker = await BrokerProcess.create(cleanup);
    await broker.start();
    client = connect({ address: broker.address });
    cleanup.defer(() => client.close());
  });

  after(() => cleanup.run());

  async function record(): Promise<Child> {
    const spool = ['--spool', broker.file('spool')];
    const recorder = await broker.run(['record', 'docker', '--from', podman.socket, ...spool]);
    cleanup.defer(() => recorder.end('SIGKILL'));
    await recorder.until('record', () =>
      recorder.stderr.some((line) => line.includes('recording the events of')),
    );
    return recorder;
  }

  /** Names of containers and what became of them, by `foghorn ps --all`. */
  async function listed(): Promise<string[]> {
    const ps = await (await broker.run(['ps', '--all', '--format', 'json'])).succeeded();
    const found = ps.stdout.map(
      (line) => JSON.parse(line) as { name: string; state: string; exitCode?: number },
    );
    return found.map(({ name, state, exitCode }) => `${name} ${state} ${exitCode}`).toSorted();
  }

  async function wait(container: string): Promise<string> {
    const waited = await broker.run(['wait', '--timeout', '60s', container]);
    return (await waited.succeeded()).stdout.join();
  }

  it('knows how containers ended, also those that were removed, over a restart of its own', async () => {
    const recorder = await record();
    expect((await podman.container('kept', 'exit 3').exited).code).to.equal(3);
    expect((await podman.container('removed', 'exit 4', '--rm').exited).code).to.equal(4);
    await podman.container('killed', 'sleep 1000', '--detach').succeeded();
    const waiting = wait('killed');
    await podman.run('kill', 'killed').succeeded();
    expect(await waiting).to.equal('137');
    await recorder.end('SIGTERM');
    expect((await podman.container('meanwhile', 'exit 5').exited).code).to.equal(5);
    await record();
    const all = ['kept exited 3', 'killed exited 137', 'meanwhile exited 5'];
    await eventually(async () => (await listed()).join() === all.join());
    expect(await wait('removed')).to.equal('4');
    expect(await wait('meanwhile')).to.equal('5');
    await podman.run('rm', 'kept').succeeded();
    await eventually(async () => (await listed()).join() === all.slice(1).join());
    // Podman remembers its events, so a restart of the recorder loses none, and repeats none.
    expect(await missedIn(client)).to.deep.equal([]);
    const dies = (await recordedIn(client)).filter(({ event }) => event?.action === 'die');
    expect(dies.map(({ event }) => event?.attributes.get('name'))).to.deep.equal([
      'kept',
      'removed',
      'killed',
      'meanwhile',
    ]);
  });
});
