import { mock } from 'node:test';
import { expect } from 'chai';
import { nanosFromTimestamp } from '../../../client/index.js';
import { systemClock } from '../../../protocol/clock.js';
import { eventually } from '../../support/eventually.js';
import { foghorn } from '../../cli/test-terminal.js';
import { TestDockerRecorder } from './test-recorder.js';
import { linesIn, recordedIn, recordingsIn } from './recorded.js';
import { containerEvent } from './scripted-engine.js';

const now = systemClock();

describe('foghorn bridge docker during failures', () => {
  let bridge: TestDockerRecorder;

  beforeEach(async () => {
    bridge = await TestDockerRecorder.create();
  });

  afterEach(() => bridge.remove());

  function tell(action = 'start'): string {
    const time = now();
    return bridge.engine.tell(time, containerEvent(time, action));
  }

  it('waits for an engine that does not run yet', async () => {
    await bridge.engine.stop();
    void bridge.start();
    await bridge.terminal.shows('is `dockerd` running? (no such socket)); retrying');
    await bridge.engine.start();
    await bridge.terminal.shows('the Docker engine is back');
    const line = tell();
    await bridge.untilStored(1);
    expect(await linesIn(bridge.broker.client)).to.deep.equal([line]);
  });

  it('records an engine on another machine', async () => {
    await bridge.engine.stop();
    await bridge.engine.startOnPort();
    void bridge.start();
    await bridge.untilListening();
    const line = tell();
    await bridge.untilStored(1);
    expect(await linesIn(bridge.broker.client)).to.deep.equal([line]);
  });

  it('waits for a broker that does not run yet', async () => {
    await bridge.broker.stop();
    const lines = [tell()];
    void bridge.start();
    await bridge.terminal.shows('no connection to the broker');
    lines.push(tell());
    await bridge.broker.start();
    await bridge.untilStored(2);
    expect(await linesIn(bridge.broker.client)).to.deep.equal(lines);
  });

  for (const [status, body, text] of [
    [500, '{"message":"no room left"}\n', '500 no room left'],
    [502, 'bad gateway', '502 bad gateway'],
    [503, '', '503 Service Unavailable'],
  ] as const) {
    it(`reports an engine that answers ${status}, and retries`, async () => {
      bridge.engine.refusal = { status, body };
      void bridge.start();
      await bridge.terminal.shows(
        `no connection to the Docker engine (GET /events was answered with ${text}); retrying`,
      );
      bridge.engine.refusal = undefined;
      await bridge.terminal.shows('recording the events of');
    });
  }

  it('fails when the peer is not a Docker engine', async () => {
    bridge.engine.refusal = { status: 404, body: '{"message":"page not found"}\n' };
    expect(await bridge.start()).to.equal(1);
    expect(bridge.said).to.equal('foghorn: GET /events was answered with 404 page not found\n');
  });

  it('fails when the broker refuses the namespace', async () => {
    expect(await bridge.start('--namespace', 'no/namespace')).to.equal(1);
    expect(bridge.said).to.contain('no/namespace');
  });

  it('stops while the broker is away, reports what it could not store, and stores it later', async () => {
    void bridge.start('--state', bridge.state);
    await bridge.untilListening();
    const before = tell();
    await bridge.untilStored(1);
    await bridge.broker.stop();
    const away = [tell(), tell('stop')];
    await bridge.terminal.shows('no connection to the broker');
    expect(await bridge.stop()).to.equal(0);
    expect(bridge.said).to.match(/stopped before 2 events could be stored\n$/);
    await bridge.broker.start();
    void bridge.start('--state', bridge.state);
    await bridge.untilStored(3);
    expect(await linesIn(bridge.broker.client)).to.deep.equal([before, ...away]);
    expect(bridge.said).to.not.contain('missing');
  });

  it('disconnects from the engine when its queue is full, and reports the gap', async () => {
    bridge.queueCapacity = 512;
    void bridge.start();
    await bridge.untilListening();
    await bridge.broker.stop();
    const told: [time: bigint, line: string][] = [];
    for (let count = 0; count < 2000; count++) {
      const time = now();
      told.push([time, bridge.engine.tell(time, containerEvent(time, 'top'))]);
    }
    await bridge.terminal.shows('disconnecting from the Docker engine until the broker has stored');
    await eventually(() => bridge.engine.listeners === 0);
    await bridge.broker.start();
    await bridge.terminal.shows('may be missing: the engine remembers only the last 256');
    const taken = await lastBefore(told);
    await bridge.untilStored(taken + 256);
    const expected = [...told.slice(0, taken), ...told.slice(-256)];
    expect(await linesIn(bridge.broker.client)).to.deep.equal(expected.map(([, line]) => line));
  });

  /** Returns how many of these events were stored before the gap; the engine remembers 256. */
  async function lastBefore(told: readonly [time: bigint, line: string][]): Promise<number> {
    const gap = async () =>
      (await recordingsIn(bridge.broker.client)).find(({ missingFrom }) => missingFrom);
    await eventually(async () => (await gap()) !== undefined);
    const { missingFrom, missingTo } = (await gap())!;
    expect(nanosFromTimestamp(missingTo!)).to.equal(told.at(-256)![0]);
    const from = nanosFromTimestamp(missingFrom!);
    return told.findIndex(([time]) => time === from) + 1;
  }

  it('stores the start of the recording again once a day', async () => {
    const { mock: timers } = mock.method(globalThis, 'setInterval');
    try {
      void bridge.start();
      const daily = () => timers.calls.filter((call) => call.arguments[1] === 24 * 60 * 60 * 1000);
      await eventually(() => daily().length > 0);
      expect(daily()).to.have.length(1);
      daily()[0]!.arguments[0]();
    } finally {
      timers.restore();
    }
    await eventually(async () => (await recordedIn(bridge.broker.client)).length === 2);
    const [first, second] = await recordingsIn(bridge.broker.client);
    expect(second).to.deep.equal(first);
  });

  it('names the address that it cannot parse', async () => {
    const { exitCode, stderr } = await foghorn(['bridge', 'docker', '--from', 'docker']);
    expect(exitCode).to.equal(2);
    expect(stderr).to.contain('expected unix:///path or host:port');
  });
});
