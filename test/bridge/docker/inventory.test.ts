import { mock } from 'node:test';
import { expect } from 'chai';
import { systemClock } from '../../../protocol/clock.js';
import { eventually } from '../../support/eventually.js';
import { TestDockerRecorder } from './test-recorder.js';
import { EXITED, inspection } from './inspection.js';
import { describedIn, linesIn, recordedIn } from './recorded.js';
import { ReportedContainer } from './reported-run.js';
import { containerEvent } from './scripted-engine.js';

const now = systemClock;
const WEB = 'a'.repeat(64);
const JOB = 'b'.repeat(64);

describe('foghorn record docker and containers that exist already', () => {
  let bridge: TestDockerRecorder;

  beforeEach(async () => {
    bridge = await TestDockerRecorder.create();
  });

  afterEach(() => bridge.remove());

  function there(id: string, name: string, state?: object): void {
    bridge.engine.containers.set(id, inspection(id, name, state));
  }

  function told(id: string, action: string): void {
    const time = now();
    bridge.engine.tell(time, containerEvent(time, action, { id }));
  }

  async function described(): Promise<string[]> {
    const containers = await describedIn(bridge.broker.client);
    return containers.map(({ name, status }) => `${name} ${status}`);
  }

  async function untilDescribed(count: number): Promise<void> {
    await eventually(async () => (await described()).length >= count);
  }

  /** How often the engine was asked for this. */
  function asked(path: string): number {
    return bridge.engine.requests.filter((request) => request === path).length;
  }

  it('stores their descriptions after the remembered events', async () => {
    there(WEB, 'web');
    there(JOB, 'job', EXITED);
    const time = now();
    const [line] = [bridge.engine.tell(time, containerEvent(time, 'top', { id: 'c' }))];
    const before = now();
    void bridge.start();
    await untilDescribed(2);
    const [recording, event, ...containers] = await recordedIn(bridge.broker.client);
    expect(recording?.topic).to.equal('/foghorn/docker-recording');
    expect(await linesIn(bridge.broker.client)).to.deep.equal([line]);
    expect(event?.topic).to.equal('/docker/container/top');
    for (const { namespace, topic, time } of containers) {
      expect({ namespace, topic }).to.deep.equal({
        namespace: 'moby',
        topic: '/foghorn/docker-container',
      });
      expect(time > before && time < now()).to.equal(true);
    }
    expect(await described()).to.have.members(['web running', 'job exited']);
  });

  it('inspects only containers whose state is not recorded', async () => {
    told(WEB, 'start');
    told(JOB, 'rename');
    told(JOB, 'exec_create: sh');
    there(WEB, 'web');
    there(JOB, 'job');
    void bridge.start();
    await untilDescribed(1);
    // To look once more is to have done with the first look.
    there('c'.repeat(64), 'third');
    bridge.engine.cut();
    await untilDescribed(2);
    expect(await described()).to.deep.equal(['job running', 'third running']);
    expect(asked(`/containers/${WEB}/json`)).to.equal(0);
  });

  it('waits until the history has the events that its own spool holds', async () => {
    await bridge.broker.stop();
    void bridge.start();
    await bridge.untilListening();
    // Enough that their way from the spool into the history takes longer than one read of it.
    for (let count = 0; count < 800; count++) told(JOB, 'exec_create: sh');
    told(WEB, 'start');
    there(WEB, 'web');
    there(JOB, 'job');
    const before = asked('/containers/json?all=1');
    bridge.engine.cut();
    await eventually(() => asked('/containers/json?all=1') > before);
    await bridge.broker.start();
    await untilDescribed(1);
    await bridge.stop();
    expect(await described()).to.deep.equal(['job running']);
  });

  it('stores no description twice, after a lost connection and after a restart', async () => {
    there(WEB, 'web');
    void bridge.start();
    await untilDescribed(1);
    there(JOB, 'job');
    bridge.engine.cut();
    await untilDescribed(2);
    await bridge.stop();
    there('c'.repeat(64), 'third');
    void bridge.start();
    await untilDescribed(3);
    expect(await described()).to.deep.equal(['web running', 'job running', 'third running']);
  });

  it('looks again once a day', async () => {
    const { mock: timers } = mock.method(globalThis, 'setInterval');
    try {
      void bridge.start();
      await bridge.untilListening();
      await eventually(() => asked('/containers/json?all=1') > 0);
      there(WEB, 'web');
      const daily = timers.calls.filter((call) => call.arguments[1] === 24 * 60 * 60 * 1000);
      daily[0]!.arguments[0]();
    } finally {
      timers.restore();
    }
    await untilDescribed(1);
  });

  it('skips a container that was removed meanwhile', async () => {
    bridge.engine.containers.set(JOB, undefined);
    there(WEB, 'web');
    void bridge.start();
    await untilDescribed(1);
    expect(asked(`/containers/${JOB}/json`)).to.equal(1);
    expect(bridge.said).to.not.contain('No such container');
  });

  it('inspects a container again if an event of it arrives meanwhile', async () => {
    there(WEB, 'web');
    let first = true;
    bridge.engine.whileInspected = async () => {
      if (!first) return;
      first = false;
      told(WEB, 'pause');
      there(WEB, 'web', { Status: 'paused' });
      await bridge.untilStored(1);
    };
    void bridge.start();
    await untilDescribed(1);
    expect(await described()).to.deep.equal(['web paused']);
  });

  it('inspects four at a time, while events are stored', async () => {
    for (let index = 10; index < 30; index++) there(`${index}`.repeat(32), `c-${index}`);
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    let open = 0;
    let most = 0;
    bridge.engine.whileInspected = async () => {
      most = Math.max(most, ++open);
      await held;
      open--;
    };
    void bridge.start();
    await eventually(() => open === 4);
    told(WEB, 'start');
    await bridge.untilStored(1);
    expect(await described()).to.deep.equal([]);
    release();
    await untilDescribed(20);
    expect(most).to.equal(4);
  });

  for (const [status, body, text] of [
    [403, '{"message":"forbidden"}', 'was answered with 403 forbidden'],
    [404, '{"message":"page not found"}', 'was answered with 404 page not found'],
    [200, '<html>', 'was not answered with JSON'],
  ] as const) {
    it(`reports once that an engine does not list them (${status} ${body}), and records its events`, async () => {
      bridge.engine.listRefusal = { status, body };
      void bridge.start();
      await bridge.terminal.shows(
        `cannot list the containers that exist already: GET /containers/json?all=1 ${text}\n`,
      );
      // The comparison of open runs asks for the list, too.
      const before = asked('/containers/json?all=1');
      bridge.engine.cut();
      await eventually(() => asked('/containers/json?all=1') > before);
      await bridge.untilListening();
      told(WEB, 'start');
      await bridge.untilStored(1);
      expect(bridge.said.match(/cannot list the containers/g)).to.have.length(1);
    });
  }

  it('takes no container for lost when the engine does not answer with a list', async () => {
    void bridge.start();
    await bridge.untilListening();
    told(WEB, 'start');
    await bridge.untilStored(1);
    await bridge.stop();
    bridge.engine.listRefusal = { status: 200, body: '{}' };
    const before = asked('/containers/json?all=1');
    void bridge.start();
    await eventually(() => asked('/containers/json?all=1') > before + 2);
    expect(bridge.said).to.not.contain('is over');
  });

  it('stops while an engine does not answer', async () => {
    there(WEB, 'web');
    bridge.engine.whileInspected = () => new Promise(() => {});
    void bridge.start();
    await eventually(() => asked(`/containers/${WEB}/json`) === 1);
    expect(await bridge.stop()).to.equal(0);
    expect(await described()).to.deep.equal([]);
  });

  it('fills in the end of a container that had no events', async () => {
    there(WEB, 'web');
    void bridge.start();
    await untilDescribed(1);
    await bridge.engine.stop();
    // Long enough ago that the engine would have reported it.
    const end = now() - 60_000_000_000n;
    await bridge.broker.client.forward(new ReportedContainer(WEB).exited(end, 7, 42));
    await bridge.terminal.shows('web ended with exit code 42; the engine missed it');
    await bridge.untilStored(1);
    const { event } = (await recordedIn(bridge.broker.client)).at(-1)!;
    expect(event).to.deep.include({ action: 'die', actorId: WEB, timeNano: end, filledIn: true });
    expect(Object.fromEntries(event!.attributes)).to.deep.equal({
      exitCode: '42',
      image: 'busybox',
      name: 'web',
      tier: 'front',
    });
  });
});
