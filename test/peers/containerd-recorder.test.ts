import { existsSync } from 'node:fs';
import { expect } from 'chai';
import type { Child } from '../support/processes/child.js';
import { Cleanup } from '../support/processes/cleanup.js';
import { BrokerProcess } from '../support/processes/broker-process.js';
import { Containerd } from './containerd.js';
import { eventually } from '../support/eventually.js';
import { exitsIn } from './event-line.js';
import type { ShownEvent } from './recorded-engine.js';
import { publishMarker, shows, untilAllShow, untilMarkerShown, withoutMarkers } from './markers.js';

const SPAN = /events between (\S+) and (\S+) may be missing$/;

describe('foghorn record containerd', () => {
  const cleanup = new Cleanup();
  let containerd: Containerd;
  let broker: BrokerProcess;
  let bridge: Child;
  /** Lines of `ctr events` at containerd itself. */
  let atContainerd: Child;
  /** Lines of the history, including new ones, over all restarts of the broker. */
  let atBroker: Child;

  beforeEach(async () => {
    containerd = await Containerd.start(cleanup);
    broker = await BrokerProcess.create(cleanup);
    await broker.start();
    atContainerd = containerd.ctr('events');
    cleanup.defer(() => atContainerd.end('SIGKILL'));
    atBroker = await broker.run(['events', '--since', '10m']);
    cleanup.defer(() => atBroker.end('SIGKILL'));
    await startBridge();
    await untilAllShow(containerd.client, [atContainerd, atBroker]);
  });

  afterEach(() => cleanup.run());

  async function startBridge(): Promise<void> {
    const args = [
      'record',
      'containerd',
      '--from',
      containerd.socket,
      '--spool',
      broker.file('recorder'),
    ];
    bridge = await broker.run(args);
    cleanup.defer(() => bridge.end('SIGKILL'));
    await bridge.until('say that it records', () => said(/^foghorn: recording the events of /));
  }

  function said(text: RegExp): boolean {
    return bridge.stderr.some((line) => text.test(line));
  }

  /** Returns the only span that the bridge reported as possibly missing, in milliseconds. */
  function missingSpan(): [from: number, to: number] {
    const spans = bridge.stderr.flatMap((line) => SPAN.exec(line) ?? []);
    expect(spans, bridge.stderr.join('\n')).to.have.lengthOf(3);
    return [Date.parse(spans[1]!), Date.parse(spans[2]!)];
  }

  it('loses nothing while the broker is away and containers run', async () => {
    await containerd.runDetached('killed', 'sleep 1000');
    await untilMarkerShown(containerd.client, [atContainerd, atBroker], 'running');
    await broker.end('SIGKILL');
    expect(await containerd.run('ends-well', 'exit 0')).to.equal(0);
    expect(await containerd.run('fails', 'exit 3')).to.equal(3);
    await containerd.ctr('tasks', 'kill', '--signal', 'SIGKILL', 'killed').succeeded();
    await untilMarkerShown(containerd.client, [atContainerd], 'ended');
    await bridge.until('notice', () => said(/no connection to the broker/));
    await broker.start();
    await untilMarkerShown(containerd.client, [atContainerd, atBroker], 'end');
    expect(withoutMarkers(atBroker.stdout)).to.deep.equal(withoutMarkers(atContainerd.stdout));
    expect(exitsIn(atBroker.stdout)).to.deep.equal([
      ['ends-well', 0],
      ['fails', 3],
      ['killed', 137],
    ]);
    expect(said(/the broker is back/)).to.equal(true);
    expect(said(/missing/)).to.equal(false);
  });

  it('loses nothing when the broker is killed during a stream of events', async () => {
    const names = Array.from({ length: 240 }, (_, index) => `stream-${index}.`);
    for (const [index, name] of names.entries()) {
      await publishMarker(containerd.client, name);
      if (index === 80 || index === 160) {
        await broker.end('SIGKILL');
        await broker.start();
      }
    }
    await untilMarkerShown(containerd.client, [atBroker], 'end');
    const shown = atBroker.stdout.flatMap((line) => /stream-\d+\./.exec(line) ?? []);
    // An event stored right before a kill was never acknowledged; sent again, it is recognised as a
    // duplicate.
    expect(shown).to.deep.equal(names);
  });

  it('reports a possible gap when containerd was down, and continues', async () => {
    await containerd.run('before', 'exit 1');
    await untilMarkerShown(containerd.client, [atBroker], 'before');
    const stopped = Date.now();
    await containerd.end('SIGTERM');
    await bridge.until('notice', () => said(/no connection to containerd/));
    const started = Date.now();
    await containerd.startAgain();
    await bridge.until('say what may be missing', () => said(SPAN));
    const [from, to] = missingSpan();
    expect(from).to.be.at.most(stopped);
    expect(to).to.be.at.least(started);
    await untilAllShow(containerd.client, [atBroker]);
    await containerd.run('after', 'exit 2');
    await untilMarkerShown(containerd.client, [atBroker], 'after');
    expect(exitsIn(atBroker.stdout)).to.deep.equal([
      ['before', 1],
      ['after', 2],
    ]);
    expect(await bridge.end('SIGTERM')).to.deep.equal({ code: 0, signal: null });
  });

  it('keeps what it has at SIGTERM while the broker is away, and stores it after its restart', async () => {
    await broker.end('SIGKILL');
    await publishMarker(containerd.client, 'in-hand');
    await bridge.until('notice', () => said(/no connection to the broker/));
    const stopped = performance.now();
    expect(await bridge.end('SIGTERM')).to.deep.equal({ code: 0, signal: null });
    expect(performance.now() - stopped).to.be.below(10_000);
    await broker.start();
    await startBridge();
    missingSpan();
    await eventually(() => shows(atBroker, 'in-hand'));
  });

  it('loses nothing of a burst at SIGTERM', async () => {
    const names = Array.from({ length: 6000 }, (_, index) => `burst-${index}.`);
    await Promise.all(names.map((name) => publishMarker(containerd.client, name)));
    const stopped = performance.now();
    expect(await bridge.end('SIGTERM')).to.deep.equal({ code: 0, signal: null });
    expect(performance.now() - stopped).to.be.below(10_000);
    await startBridge();
    await eventually(() => shows(atBroker, names.at(-1)!));
    const shown = atBroker.stdout.flatMap((line) => /burst-\d+\./.exec(line) ?? []);
    expect(new Set(shown).size).to.equal(6000);
    expect(shown).to.have.length(6000);
  });

  it('names containers by the labels that containerd has, from the first event on', async () => {
    await containerd.runDetached('labelled', 'exit 7', '--label', 'nerdctl/name=web');
    await untilMarkerShown(containerd.client, [atBroker], 'ended');
    const args = ['events', '--since', '10m', '--no-follow', '--format', 'docker'];
    const { stdout } = await (await broker.run([...args, 'namespace==default'])).succeeded();
    const named = stdout.filter((line) => line.includes('labelled'));
    const shown = named.map((line) => JSON.parse(line) as ShownEvent);
    expect(shown.map(({ Action }) => Action)).to.deep.equal(['create', 'start', 'die']);
    for (const { Actor } of shown) {
      expect(Actor.Attributes).to.include({ name: 'web', 'nerdctl/name': 'web' });
    }
  });

  it('names containers that are older than the recording, and takes over changed labels', async () => {
    await containerd.runDetached('known', 'sleep 1000', '--label', 'nerdctl/name=old-name');
    await untilMarkerShown(containerd.client, [atBroker], 'known');
    await bridge.end('SIGKILL');
    await containerd.runDetached('early', 'sleep 1000', '--label', 'nerdctl/name=web');
    await containerd.runDetached('ended', 'exit 3', '--label', 'nerdctl/name=job');
    await containerd.ctr('containers', 'label', 'known', 'nerdctl/name=new-name').succeeded();
    await startBridge();
    const listed = async (): Promise<string[]> => {
      const ps = await broker.run(['ps', '--all', '--format', 'json']);
      const found = (await ps.succeeded()).stdout.map(
        (line) => JSON.parse(line) as { readonly name: string; readonly state: string },
      );
      // Markers are containers that were created only.
      const started = found.filter(({ state }) => state !== 'created');
      return started.map(({ name, state }) => `${name} ${state}`).toSorted();
    };
    await eventually(async () => (await listed()).join().includes('new-name'));
    await eventually(async () => (await listed()).length === 3);
    expect(await listed()).to.deep.equal(['job exited', 'new-name running', 'web running']);
    const descriptions = async (): Promise<number> => {
      const filter = 'topic=="/foghorn/containerd-container"';
      const all = await broker.run(['events', '--since', '10m', '--no-follow', filter]);
      return (await all.succeeded()).stdout.length;
    };
    expect(await descriptions()).to.equal(4);
    await bridge.end('SIGTERM');
    await startBridge();
    await untilAllShow(containerd.client, [atBroker]);
    await listed();
    expect(await descriptions()).to.equal(4);
  });

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    it(`reports a possible gap when it was down after ${signal}`, async () => {
      await containerd.run('before', 'exit 1');
      await untilMarkerShown(containerd.client, [atBroker], 'before');
      // After SIGKILL the bridge has only its state file, which it writes once a second.
      await eventually(() => existsSync(broker.file('recorder/state.json')));
      const stopped = Date.now();
      await bridge.end(signal);
      await containerd.run('meanwhile', 'exit 2');
      const started = Date.now();
      await startBridge();
      const [from, to] = missingSpan();
      expect(from).to.be.at.most(stopped);
      expect(to).to.be.at.least(started);
      await untilAllShow(containerd.client, [atBroker]);
      await containerd.run('after', 'exit 3');
      await untilMarkerShown(containerd.client, [atBroker], 'after');
      expect(exitsIn(atBroker.stdout)).to.deep.equal([
        ['before', 1],
        ['after', 3],
      ]);
    });
  }
});
