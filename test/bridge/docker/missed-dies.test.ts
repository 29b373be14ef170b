import { expect } from 'chai';
import { recordingEnvelope } from '../../../bridge/docker/envelopes.js';
import type { Envelope } from '../../../client/index.js';
import { systemClock } from '../../../protocol/clock.js';
import type { DockerEvent } from '../../../protos/gen/foghorn/v1/docker.js';
import { eventually } from '../../support/eventually.js';
import { REPORT_DELAY_MS, TestDockerRecorder } from './test-recorder.js';
import { recordedIn } from './recorded.js';
import { ReportedContainer } from './reported-run.js';
import { containerEvent } from './scripted-engine.js';

const now = systemClock;
const MINUTE = 60_000_000_000n;

/** Long enough ago that the engine would have reported it. */
let time = 0n;

function later(): bigint {
  time += 1_000_000n;
  return time;
}

describe('foghorn record docker fills in the ends that the engine missed', () => {
  let bridge: TestDockerRecorder;

  beforeEach(async () => {
    time = now() - MINUTE;
    bridge = await TestDockerRecorder.create();
  });

  afterEach(() => bridge.remove());

  async function report(...envelopes: Envelope[]): Promise<void> {
    for (const envelope of envelopes) await bridge.broker.client.forward(envelope);
  }

  /** A container begins to run, and the engine and containerd tell so. */
  async function begin(letter: string, pid: number): Promise<ReportedContainer> {
    const container = new ReportedContainer(letter.repeat(64));
    await report(container.created(later(), pid), container.started(later(), pid));
    told(container, 'start');
    return container;
  }

  function told(
    { id }: ReportedContainer,
    action: string,
    attributes: Record<string, string> = {},
  ): void {
    const at = later();
    bridge.engine.tell(at, containerEvent(at, action, { id, name: id[0], ...attributes }));
  }

  async function dies(): Promise<DockerEvent[]> {
    const recorded = await recordedIn(bridge.broker.client);
    return recorded.flatMap(({ event }) => (event?.action === 'die' ? event : []));
  }

  /** Names of containers and exit codes of the recorded dies, in the order of history. */
  async function ends(): Promise<string[]> {
    return (await dies()).map(
      ({ attributes, filledIn }) =>
        `${attributes.get('name')} ${attributes.get('exitCode')}${filledIn ? ' filled in' : ''}`,
    );
  }

  /** Exits are examined in order, so the last one's die shows that all before it were examined. */
  async function untilLast(): Promise<void> {
    await eventually(async () => (await ends()).some((end) => end.startsWith('f ')));
  }

  it("when the engine is gone, with the container's attributes and its exit code", async () => {
    void bridge.start();
    await bridge.untilListening();
    const web = await begin('a', 7);
    await bridge.untilStored(1);
    await bridge.engine.stop();
    const end = later();
    await report(web.exited(end, 7, 42));
    await bridge.terminal.shows('a ended with exit code 42; the engine missed it');
    await eventually(async () => (await dies()).length === 1);
    const recorded = (await recordedIn(bridge.broker.client)).at(-1)!;
    expect(recorded).to.deep.include({ namespace: 'moby', topic: '/docker/container/die' });
    expect(recorded.time).to.equal(end);
    expect(recorded.event).to.deep.equal({
      type: 'container',
      action: 'die',
      actorId: web.id,
      attributes: new Map([
        ['image', 'busybox'],
        ['name', 'a'],
        ['exitCode', '42'],
        ['execDuration', '0'],
      ]),
      scope: 'local',
      timeNano: end,
      exact: '',
      replayed: false,
      filledIn: true,
    });
  });

  for (const flags of ['with', 'without']) {
    it(`once, even if the recorder is restarted ${flags} a state`, async () => {
      void bridge.start();
      await bridge.untilListening();
      const first = await begin('a', 7);
      const last = await begin('f', 8);
      await bridge.untilStored(2);
      await bridge.engine.stop();
      await report(first.exited(later(), 7, 42));
      await eventually(async () => (await dies()).length === 1);
      await bridge.stop();
      if (flags === 'without') bridge.forget();
      void bridge.start();
      await bridge.terminal.shows('no connection to the Docker engine');
      await report(last.exited(later(), 8, 1));
      await untilLast();
      expect(await ends()).to.deep.equal(['a 42 filled in', 'f 1 filled in']);
    });

    it(`when the recorder was down too, ${flags} a state`, async () => {
      void bridge.start();
      await bridge.untilListening();
      const web = await begin('f', 7);
      await bridge.untilStored(1);
      await bridge.stop();
      await bridge.engine.stop();
      await report(web.exited(later(), 7, 42));
      if (flags === 'without') bridge.forget();
      void bridge.start();
      await untilLast();
      expect(await ends()).to.deep.equal(['f 42 filled in']);
    });
  }

  it('without examining exits older than ten minutes before the last recorded event', async () => {
    await report(recordingEnvelope('moby', time - 60n * MINUTE, {}));
    time -= 30n * MINUTE;
    void bridge.start();
    await bridge.untilListening();
    const old = await begin('a', 7);
    const end = old.exited(later(), 7, 1);
    time += 30n * MINUTE;
    const last = await begin('f', 8);
    await bridge.untilStored(2);
    await bridge.stop();
    await bridge.engine.stop();
    await report(end, last.exited(later(), 8, 2));
    void bridge.start();
    await untilLast();
    expect(await ends()).to.deep.equal(['f 2 filled in']);
  });

  it('and no other ends', async () => {
    await report(new ReportedContainer('a'.repeat(64)).exited(later(), 6, 1));
    void bridge.start();
    await bridge.untilListening();
    // Only the first end of this container is older than the recording.
    const old = await begin('a', 7);
    const known = await begin('b', 8);
    const last = await begin('f', 9);
    const strange = new ReportedContainer('c'.repeat(64));
    const elsewhere = new ReportedContainer('a'.repeat(64), 'default');
    await bridge.untilStored(3);
    await report(known.exited(later(), 8, 2));
    told(known, 'die', { exitCode: '2' });
    await bridge.untilStored(4);
    await bridge.engine.stop();
    await report(
      strange.exited(later(), 10, 3),
      elsewhere.exited(later(), 7, 4),
      new ReportedContainer('web').exited(later(), 11, 5),
      old.exited(later(), 12, 6, 'an-exec'),
      old.exited(later(), 7, 7),
      old.exited(later(), 7, 137),
      last.exited(later(), 9, 8),
    );
    await untilLast();
    expect(await ends()).to.deep.equal(['b 2', 'a 7 filled in', 'f 8 filled in']);
  });

  it('while the engine runs, after the time that it has to report them', async () => {
    void bridge.start();
    await bridge.untilListening();
    const first = await begin('a', 7);
    const known = await begin('b', 8);
    const last = await begin('f', 9);
    await bridge.untilStored(3);
    await report(first.exited(now(), 7, 1));
    await eventually(async () => (await dies()).length === 1);
    await report(known.exited(now(), 8, 2));
    await untilNoticed();
    const at = now();
    bridge.engine.tell(at, containerEvent(at, 'die', { id: known.id, name: 'b', exitCode: '2' }));
    await report(last.exited(now(), 9, 3));
    await untilLast();
    expect(await ends()).to.deep.equal(['a 1 filled in', 'b 2', 'f 3 filled in']);
  });

  it('only after an engine that starts has reported all that it remembers', async () => {
    void bridge.start();
    await bridge.untilListening();
    const known = await begin('a', 7);
    const missed = await begin('f', 8);
    await bridge.untilStored(2);
    await bridge.stop();
    await report(known.exited(later(), 7, 1), missed.exited(later(), 8, 2));
    told(known, 'die', { exitCode: '1' });
    const { promise: started, resolve: start } = withResolvers();
    bridge.engine.starting = started;
    const { length: before } = bridge.engine.requests;
    void bridge.start();
    await eventually(() => bridge.engine.requests.length > before);
    await untilNoticed();
    start();
    await untilLast();
    expect(await ends()).to.deep.equal(['a 1', 'f 2 filled in']);
  });

  /**
   * Gives the recorder time to see the reports, which it must not act upon yet; much less than it
   * waits for the engine.
   */
  async function untilNoticed(): Promise<void> {
    const end = performance.now() + REPORT_DELAY_MS / 5;
    for (let count = 0; count < 20 && performance.now() < end; count++) await ends();
  }
});

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
