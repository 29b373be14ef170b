import { expect } from 'chai';
import { Child } from '../support/processes/child.js';
import { Cleanup } from '../support/processes/cleanup.js';
import { BrokerProcess } from '../support/processes/broker-process.js';
import { Containerd } from './containerd.js';
import { exitsIn, topicOf } from './event-line.js';
import { untilAllShow, untilMarkerShown, withoutMarkers } from './markers.js';
import { importTinyImage } from './tiny-image.js';

/** Topics that containerd 1.6 publishes without cgroups. */
const TOPICS = [
  ...['/containers/create', '/containers/update', '/containers/delete'],
  ...['/images/create', '/images/update', '/images/delete'],
  ...['/namespaces/create', '/namespaces/update', '/namespaces/delete'],
  ...['/snapshot/prepare', '/snapshot/commit', '/snapshot/remove'],
  ...['/tasks/create', '/tasks/start', '/tasks/exit', '/tasks/delete'],
  ...['/tasks/exec-added', '/tasks/exec-started'],
];

const EXITS: [id: string, code: number][] = [
  ['ends-well', 0],
  ['fails', 3],
  ['exec', 5],
  ['killed', 137],
];

describe('the events of a real containerd', () => {
  const cleanup = new Cleanup();
  let containerd: Containerd;
  let broker: BrokerProcess;
  /**
   * Processes that show events: containerd's client at containerd and at Foghorn, and Foghorn's
   * own.
   */
  let atContainerd: Child;
  let ctrAtBroker: Child;
  let foghornAtBroker: Child;

  before(async () => {
    containerd = await Containerd.start(cleanup);
    broker = await BrokerProcess.create(cleanup);
    await broker.start();
    atContainerd = runs(containerd.ctr('events'));
    ctrAtBroker = runs(new Child('ctr', ['--address', broker.socket, 'events']));
    foghornAtBroker = runs(await broker.run(['events', '--since', '10m', '--format', 'ctr']));
    runs(
      await broker.run([
        'record',
        'containerd',
        '--from',
        containerd.socket,
        '--spool',
        broker.file('containerd'),
      ]),
    );
    await untilAllShow(containerd.client, [atContainerd, ctrAtBroker, foghornAtBroker]);
  });

  after(() => cleanup.run());

  function runs(child: Child): Child {
    cleanup.defer(() => child.end('SIGKILL'));
    return child;
  }

  it('are shown by Foghorn in the same lines and the same order', async () => {
    await makeEvents();
    await untilMarkerShown(containerd.client, [atContainerd, ctrAtBroker, foghornAtBroker], 'end');
    const lines = withoutMarkers(atContainerd.stdout);
    expect(exitsIn(lines)).to.deep.equal(EXITS);
    expect([...new Set(lines.map(topicOf))]).to.have.members(TOPICS);
    expect(withoutMarkers(foghornAtBroker.stdout)).to.deep.equal(lines);
    expect(withoutMarkers(ctrAtBroker.stdout)).to.deep.equal(lines);
    const replay = await (await broker.run(['events', '--no-follow'])).succeeded();
    expect(withoutMarkers(replay.stdout)).to.deep.equal(lines);
  });

  it('have every exit code after SIGKILL and a restart of the broker', async () => {
    await broker.end('SIGKILL');
    await broker.start();
    const args = ['events', '--since', '10m', '--no-follow', 'topic=="/tasks/exit"'];
    const replay = await (await broker.run(args)).succeeded();
    expect(exitsIn(replay.stdout)).to.deep.equal(EXITS);
  });

  async function makeEvents(): Promise<void> {
    expect(await containerd.run('ends-well', 'exit 0')).to.equal(0);
    expect(await containerd.run('fails', 'exit 3')).to.equal(3);
    await containerd.runDetached('killed', 'sleep 1000');
    const exec = ['tasks', 'exec', '--exec-id', 'exec', 'killed', '/bin/sh', '-c', 'exit 5'];
    expect((await containerd.ctr(...exec).exited).code).to.equal(5);
    await containerd.ctr('tasks', 'kill', '--signal', 'SIGKILL', 'killed').succeeded();
    await atContainerd.until('show the kill', () => exitsIn(atContainerd.stdout).length === 4);
    await containerd.ctr('tasks', 'delete', 'killed').exited;
    await containerd.ctr('containers', 'label', 'killed', 'colour=<red> & "blue"').succeeded();
    await containerd.ctr('containers', 'delete', 'killed').succeeded();
    await containerd.ctr('namespaces', 'create', 'other', 'b=2', 'a=1').succeeded();
    await containerd.ctr('namespaces', 'label', 'other', 'a=').succeeded();
    await containerd.ctr('--namespace', 'other', 'snapshots', 'prepare', 'work').succeeded();
    await containerd
      .ctr('--namespace', 'other', 'snapshots', 'commit', 'layer', 'work')
      .succeeded();
    await containerd.ctr('--namespace', 'other', 'snapshots', 'remove', 'layer').succeeded();
    await containerd.ctr('namespaces', 'remove', 'other').succeeded();
    await importTinyImage(containerd, 'example.com/tiny');
    await containerd.ctr('images', 'label', 'example.com/tiny:latest', 'a=1').succeeded();
    await containerd.ctr('images', 'remove', 'example.com/tiny:latest').succeeded();
  }
});
