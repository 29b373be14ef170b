import { mock } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { nanosFromTimestamp } from '../../../client/index.js';
import { systemClock } from '../../../protocol/clock.js';
import { eventually } from '../../support/eventually.js';
import { foghorn } from '../../cli/test-terminal.js';
import { TestDockerRecorder } from './test-recorder.js';
import { missedIn } from '../missed.js';
import type { Missed } from '../missed.js';
import { linesIn, recordedIn, recordingsIn } from './recorded.js';
import { containerEvent } from './scripted-engine.js';

const now = systemClock;

describe('foghorn record docker during failures', () => {
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
    expect(await bridge.start('--namespace', 'no/namespace')).to.equal(2);
    expect(bridge.said).to.contain('no/namespace');
  });

  it('keeps what it has when it is stopped while the broker is away, more than the engine remembers', async () => {
    void bridge.start();
    await bridge.untilListening();
    const lines = [tell()];
    await bridge.untilStored(1);
    await bridge.broker.stop();
    for (let count = 0; count < 1000; count++) lines.push(tell('top'));
    await bridge.terminal.shows('no connection to the broker');
    const stopped = performance.now();
    expect(await bridge.stop()).to.equal(0);
    expect(performance.now() - stopped).to.be.below(10_000);
    expect(bridge.said).to.contain('the rest is kept in').and.not.contain('stopped before');
    await bridge.broker.start();
    void bridge.start();
    lines.push(tell('stop'));
    await bridge.untilStored(1002);
    expect(await linesIn(bridge.broker.client)).to.deep.equal(lines);
    expect(bridge.said).to.not.contain('missing');
  });

  it('keeps what it could not compare with the history when it is stopped', async () => {
    const lines = [tell(), tell('stop')];
    await bridge.broker.stop();
    void bridge.start();
    await bridge.untilListening();
    lines.push(tell());
    await bridge.terminal.shows('no connection to the broker');
    expect(await bridge.stop()).to.equal(0);
    await bridge.broker.start();
    await bridge.engine.stop();
    void bridge.start();
    await bridge.untilStored(3);
    expect(await linesIn(bridge.broker.client)).to.deep.equal(lines);
  });

  it('stores the span that may be missing as an event, from where the following stopped', async () => {
    void bridge.start();
    await bridge.untilListening();
    tell();
    await bridge.untilStored(1);
    await delay(2500);
    const lost = now();
    await bridge.engine.stop();
    await bridge.terminal.shows('no connection to the Docker engine');
    await bridge.engine.start();
    await eventually(async () => (await missedIn(bridge.broker.client)).length === 1);
    const [{ namespace, missed }] = (await missedIn(bridge.broker.client)) as [Missed];
    expect(namespace).to.equal('moby');
    expect(missed).to.include({
      daemon: 'docker',
      address: `unix://${bridge.engine.address}`,
      reason: 'the engine was restarted',
    });
    const from = nanosFromTimestamp(missed.from!);
    expect(from < lost && from > lost - 2_500_000_000n).to.equal(true);
    expect(nanosFromTimestamp(missed.to!) > lost).to.equal(true);
  });

  it('does not take its own restart for one of the engine', async () => {
    void bridge.start();
    await bridge.untilListening();
    tell();
    await bridge.untilStored(1);
    await bridge.engine.stop();
    await bridge.engine.start();
    await bridge.terminal.shows('may be missing: the engine was restarted');
    await bridge.stop();
    void bridge.start();
    await bridge.terminal.shows('missing');
    expect(bridge.said)
      .to.contain(
        'missing: the recorder was not running, and the engine does not remember that time',
      )
      .and.not.contain('was restarted');
    await eventually(async () => (await missedIn(bridge.broker.client)).length === 2);
    const [first, second] = await missedIn(bridge.broker.client);
    expect(second!.missed.from).to.deep.equal(first!.missed.to);
  });

  it('says one line, and stores nothing, while an engine ends each connection at once', async () => {
    bridge.engine.endsAtOnce = true;
    void bridge.start();
    await eventually(() => bridge.engine.requests.length > 8);
    bridge.engine.endsAtOnce = false;
    await bridge.terminal.shows('the Docker engine is back');
    expect(bridge.said.match(/no connection to the Docker engine/g)).to.have.length(1);
    expect(bridge.said.match(/recording the events/g)).to.have.length(1);
    await bridge.stop();
    expect(await recordingsIn(bridge.broker.client)).to.have.length(1);
  });

  it('disconnects from the engine when its queue is full, and reports the gap', async () => {
    bridge.queueCapacity = 512;
    const first = now();
    const told: [time: bigint, line: string][] = [
      [first, bridge.engine.tell(first, containerEvent(first, 'start'))],
    ];
    await bridge.broker.stop();
    void bridge.start();
    await bridge.untilListening();
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
    const { exitCode, stderr } = await foghorn(['record', 'docker', '--from', 'docker']);
    expect(exitCode).to.equal(2);
    expect(stderr).to.contain('expected unix:///path or host:port');
  });
});
