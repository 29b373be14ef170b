import { expect } from 'chai';
import { nanosFromTimestamp } from '../../../client/index.js';
import { systemClock } from '../../../protocol/clock.js';
import { TestDockerRecorder } from './test-recorder.js';
import { linesIn, recordedIn, recordingsIn } from './recorded.js';
import { containerEvent } from './scripted-engine.js';

const SECOND = 1_000_000_000n;
const now = systemClock;

describe('foghorn record docker', () => {
  let bridge: TestDockerRecorder;

  beforeEach(async () => {
    bridge = await TestDockerRecorder.create();
  });

  afterEach(() => bridge.remove());

  /** Makes the engine report this many events, one after the other. */
  function tell(count: number, action = 'start'): string[] {
    return Array.from({ length: count }, () => {
      const time = now();
      return bridge.engine.tell(time, containerEvent(time, action));
    });
  }

  it("stores remembered events, then new ones, unchanged and in the engine's order", async () => {
    const remembered = tell(20);
    void bridge.start();
    await bridge.untilStored(20);
    const happened = tell(20, 'exec_create: sh -c ls');
    await bridge.untilStored(40);
    expect(await bridge.stop()).to.equal(0);
    expect(await linesIn(bridge.broker.client)).to.deep.equal([...remembered, ...happened]);
    const [first, ...events] = await recordedIn(bridge.broker.client);
    expect(first).to.deep.include({ namespace: 'moby', topic: '/foghorn/docker-recording' });
    expect(first!.recording).to.deep.equal({
      engine: `unix://${bridge.engine.address}`,
      missingFrom: undefined,
      missingTo: undefined,
    });
    for (const [index, { namespace, topic, time, event }] of events.entries()) {
      const action = index < 20 ? 'start' : 'exec_create';
      expect({ namespace, topic }).to.deep.equal({
        namespace: 'moby',
        topic: `/docker/container/${action}`,
      });
      expect(time).to.equal(event!.timeNano);
      expect(event).to.include({ replayed: index < 20, filledIn: false, exact: '' });
    }
    expect(bridge.said)
      .to.contain('starting with the oldest it remembers')
      .and.not.contain('missing');
  });

  it('stores in the given namespace', async () => {
    tell(1);
    void bridge.start('--namespace', 'build-host');
    await bridge.untilStored(1);
    const namespaces = (await recordedIn(bridge.broker.client)).map(({ namespace }) => namespace);
    expect(namespaces).to.deep.equal(['build-host', 'build-host']);
  });

  it('keeps the exact text of an event that its fields cannot reproduce, in chunks of any size', async () => {
    void bridge.start();
    await bridge.untilListening();
    const time = now();
    const line = `{"Type":"volume","Actor":{"ID":"größe","Attributes":{"b":"😀","a":"2"}},"timeNano":${time}}`;
    for (const byte of Buffer.from(`${line}\n`)) bridge.engine.write(Buffer.of(byte));
    await bridge.untilStored(1);
    expect(await linesIn(bridge.broker.client)).to.deep.equal([line]);
    const [, { event } = {}] = await recordedIn(bridge.broker.client);
    expect(event).to.include({ type: 'volume', actorId: 'größe', timeNano: time, exact: line });
  });

  it('reports lines that it cannot parse, and continues', async () => {
    void bridge.start();
    await bridge.untilListening();
    bridge.engine.write(Buffer.from('\n{"Type":"container"}\nnonsense\n'));
    const [line] = tell(1);
    await bridge.untilStored(1);
    expect(await linesIn(bridge.broker.client)).to.deep.equal([line]);
    expect(bridge.said.match(/expected an event of a Docker engine/g)).to.have.length(2);
  });

  it('resumes after a lost connection: nothing twice, nothing missing', async () => {
    void bridge.start();
    await bridge.untilListening();
    const before = tell(3);
    await bridge.untilStored(3);
    bridge.engine.cut();
    const away = tell(5);
    await bridge.untilStored(8);
    await bridge.untilListening();
    const after = tell(2);
    await bridge.untilStored(10);
    expect(await linesIn(bridge.broker.client)).to.deep.equal([...before, ...away, ...after]);
    const events = (await recordedIn(bridge.broker.client)).flatMap(({ event }) => event ?? []);
    const told = [...before.fill('live'), ...away.fill('replayed'), ...after.fill('live')];
    expect(events.map(({ replayed }) => (replayed ? 'replayed' : 'live'))).to.deep.equal(told);
    expect(bridge.said).to.contain('the Docker engine is back').and.not.contain('missing');
  });

  for (const flags of ['with', 'without']) {
    it(`resumes after a restart ${flags} a state: nothing twice, nothing missing`, async () => {
      void bridge.start();
      await bridge.untilListening();
      const before = tell(100);
      await bridge.untilStored(100);
      await bridge.stop();
      const away = tell(100);
      if (flags === 'without') bridge.forget();
      void bridge.start();
      await bridge.untilStored(200);
      const after = tell(1);
      await bridge.untilStored(201);
      expect(await linesIn(bridge.broker.client)).to.deep.equal([...before, ...away, ...after]);
      expect(bridge.said).to.not.contain('missing');
    });
  }

  it('requests the events since the last stored one', async () => {
    void bridge.start();
    await bridge.untilListening();
    const time = 1_700_000_000_000_000_005n;
    bridge.engine.tell(time, containerEvent(time, 'start'));
    await bridge.untilStored(1);
    await bridge.stop();
    void bridge.start();
    await bridge.terminal.shows('starting with 2023-11-14T22:13:20.000000005Z');
    expect(bridge.engine.requests).to.include.members([
      '/events?since=0.000000000',
      '/events?since=1700000000.000000005',
    ]);
  });

  it('reports a gap when more events happened than the engine remembers', async () => {
    void bridge.start();
    await bridge.untilListening();
    tell(1);
    const last = now();
    bridge.engine.tell(last, containerEvent(last, 'stop'));
    await bridge.untilStored(2);
    await bridge.stop();
    tell(44);
    const first = now();
    const kept = [bridge.engine.tell(first, containerEvent(first, 'pause')), ...tell(255)];
    void bridge.start();
    await bridge.terminal.shows('missing');
    expect(bridge.said).to.match(
      /events between 20\S+Z and 20\S+Z may be missing: the engine remembers only the last 256\n/,
    );
    await bridge.untilStored(258);
    expect((await linesIn(bridge.broker.client)).slice(2)).to.deep.equal(kept);
    await bridge.stop();
    expect(missingIn(await recordingsIn(bridge.broker.client))).to.deep.equal([
      undefined,
      undefined,
      [last, first],
    ]);
  });

  it('reports a gap when the engine was restarted', async () => {
    void bridge.start();
    await bridge.untilListening();
    tell(1);
    const last = now();
    bridge.engine.tell(last, containerEvent(last, 'stop'));
    await bridge.untilStored(2);
    await bridge.engine.stop();
    await bridge.terminal.shows('no connection to the Docker engine');
    const restarted = now();
    await bridge.engine.start();
    await bridge.terminal.shows('may be missing: the engine was restarted');
    tell(1);
    await bridge.untilStored(3);
    const [, , missing] = missingIn(await recordingsIn(bridge.broker.client));
    expect(missing?.[0]).to.equal(last);
    expect(missing![1]! >= restarted).to.equal(true);
    const [, , , ...afterwards] = await recordedIn(bridge.broker.client);
    expect(afterwards.map(({ topic }) => topic)).to.deep.equal([
      '/foghorn/docker-recording',
      '/foghorn/docker-recording',
      '/docker/container/start',
    ]);
  });

  it('reports the gap when the connection is lost again during the replay', async () => {
    void bridge.start();
    await bridge.untilListening();
    const last = now();
    bridge.engine.tell(last, containerEvent(last, 'stop'));
    await bridge.untilStored(1);
    await bridge.engine.stop();
    bridge.engine.answersSlowly = true;
    await bridge.engine.start();
    const [first] = tell(1);
    await bridge.untilStored(2);
    bridge.engine.cut();
    await bridge.terminal.shows('may be missing: the engine was restarted');
    expect((await linesIn(bridge.broker.client))[1]).to.equal(first);
  });

  it("keeps the events' times when the engine's clock steps back", async () => {
    void bridge.start();
    await bridge.untilListening();
    const [before] = tell(1);
    const stepped = now() - 3600n * SECOND;
    const after = bridge.engine.tell(stepped, containerEvent(stepped, 'stop'));
    await bridge.untilStored(2);
    await bridge.stop();
    const away = bridge.engine.tell(stepped + 1n, containerEvent(stepped + 1n, 'start'));
    void bridge.start();
    await bridge.untilStored(3);
    await bridge.stop();
    expect(await linesIn(bridge.broker.client)).to.deep.equal([before, after, away]);
    expect(bridge.said).to.not.contain('missing');
  });

  it('loses nothing while the broker is away', async () => {
    void bridge.start();
    await bridge.untilListening();
    const before = tell(500);
    await bridge.broker.stop();
    const away = tell(500);
    await bridge.terminal.shows('no connection to the broker');
    bridge.engine.cut();
    const further = tell(200);
    await bridge.broker.start();
    await bridge.untilStored(1200);
    await bridge.terminal.shows('the broker is back');
    expect(await linesIn(bridge.broker.client)).to.deep.equal([...before, ...away, ...further]);
    expect(bridge.said).to.not.contain('missing');
  });
});

function missingIn(recordings: Awaited<ReturnType<typeof recordingsIn>>) {
  return recordings.map(({ missingFrom: from, missingTo: to }) =>
    from && to ? [nanosFromTimestamp(from), nanosFromTimestamp(to)] : undefined,
  );
}
