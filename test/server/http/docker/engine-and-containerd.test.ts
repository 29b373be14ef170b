import { expect } from 'chai';
import { UNKNOWN_END } from '../../../../protocol/docker-event.js';
import { ContainerUpdate } from '../../../../protos/gen/containerd/events/container.js';
import type { Envelope } from '../../../../protos/gen/containerd/types/event.js';
import { EngineFeed } from '../../../support/docker/container-feeds.js';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { actionsOf, exitCodesOf, toldEvent } from '../../../support/docker/event-lines.js';
import { recorded, recordingBegun } from '../../../support/docker/recorded-events.js';
import { forwardAll } from '../../../support/history-seed.js';
import { Container, envelopeOf, type Happening } from '../../../support/task-events.js';

const ID = 'container-01';
const OTHER = 'container-02';
/** Seconds after 1970: later than every time that the engine reports here. */
const LATER = 2000;
const SECOND = 1_000_000_000n;
/** Before the engine's first event, and after what containerd reports before that. */
const ENGINE_TIME = 1000n * SECOND + SECOND / 2n;

describe('a container that an engine and containerd report', () => {
  const containerd = new Container(ID);
  let engine: EngineFeed;
  let server: DockerServer;

  beforeEach(async () => {
    server = await DockerServer.start();
    engine = new EngineFeed(ID, 'web', ENGINE_TIME);
  });
  afterEach(() => server.stop());

  /** Forwards the events in this order. */
  function report(...received: (Happening | Envelope[])[]): Promise<void> {
    const envelopes = received.flatMap((each) => (Array.isArray(each) ? each : [envelopeOf(each)]));
    return forwardAll(server.grpc, envelopes);
  }

  const filledIn = (exitCode: number, timeNano: bigint): Envelope[] => [
    recorded({
      action: 'die',
      actorId: ID,
      attributes: new Map([
        ['exitCode', String(exitCode)],
        ['name', 'web'],
      ]),
      timeNano,
      filledIn: true,
    }),
  ];

  it('is shown as the engine reports it, if that is recorded', async () => {
    const live = server.docker.events();
    await live.head;
    await report(
      [recordingBegun()],
      containerd.made(),
      engine.create(),
      containerd.create(7),
      containerd.start(7),
      engine.start(),
      containerd.paused(),
      [engine.tell('pause')],
      containerd.execAdded('e1'),
      [engine.tell('exec_create: ls -l', { execID: 'e1' })],
      containerd.exit(7, 3, { exitedAt: LATER }),
      engine.exit(3),
      containerd.delete(7, 3, { exitedAt: LATER }),
      containerd.removed(),
      engine.remove(),
    );
    const received = await server.docker.history();
    expect(actionsOf(received)).to.deep.equal([
      'create',
      'start',
      'pause',
      'exec_create: ls -l',
      'die',
      'destroy',
    ]);
    expect(received.every((line) => line.includes('"name":"web"'))).to.equal(true);
    expect(await live.when(({ length }) => length >= received.length)).to.deep.equal(received);
    live.cancel();
  });

  it('is shown as containerd reports it up to the recording, and never twice after it', async () => {
    const other = new Container(OTHER);
    await report(containerd.start(7), other.start(8));
    await report([recordingBegun()], containerd.exit(7, 1), other.exit(8, 2));
    const received = (await server.docker.history()).map(toldEvent);
    expect(received.map(({ id, action }) => [id, action])).to.deep.equal([
      [ID, 'start'],
      [OTHER, 'start'],
    ]);
  });

  it("is the engine's after its first event, even without a recording", async () => {
    await report(containerd.start(7), engine.start(), containerd.oom(), containerd.exit(7, 1));
    await report(engine.exit(1));
    expect(actionsOf(await server.docker.history())).to.deep.equal(['start', 'start', 'die']);
  });

  for (const [what, received, exit] of [
    ['255, which engines report for a killed shim', 255, 137],
    ["0, by a label of the container's", 0, 3],
  ] as const) {
    it(`has died as containerd reports and not with ${what}`, async () => {
      await report([recordingBegun()], engine.create(), containerd.create(7), containerd.start(7));
      await report(engine.start(), containerd.exit(7, exit, { exitedAt: LATER }));
      const [die] = engine.exit(received);
      const wait = server.docker.wait('web');
      await wait.head;
      await report([die!]);
      const lines = await server.docker.history();
      expect(exitCodesOf(lines)).to.deep.equal([String(exit)]);
      expect(await wait.text()).to.equal(`{"StatusCode":${exit}}\n`);
      expect(await server.docker.json('/containers/web/json')).to.have.nested.property(
        'State.ExitCode',
        exit,
      );
      // Nothing else changes.
      const { attributes, timeNano } = toldEvent(lines.at(-1)!);
      expect(attributes).to.deep.equal({ exitCode: String(exit), image: 'busybox', name: 'web' });
      expect(timeNano).to.equal(ENGINE_TIME + 3n);
    });
  }

  it('has an unknown end if the engine says 255 and containerd reports no exit of the run', async () => {
    await report([recordingBegun()], engine.create(), containerd.create(7), containerd.start(7));
    await report(engine.start(), engine.exit(255));
    const wait = server.docker.wait('web');
    expect(await wait.text()).to.include('containerd reported no end');
    expect(await server.docker.json('/containers/web/json')).to.have.nested.property(
      'State.Error',
      UNKNOWN_END,
    );
  });

  it('has an unknown end if containerd has deleted the container before the engine says 255', async () => {
    await report([recordingBegun()], engine.create(), containerd.create(7), containerd.start(7));
    await report(engine.start());
    const waits = ['', 'next-exit'].map((condition) => server.docker.wait('web', { condition }));
    await Promise.all(waits.map(({ head }) => head));
    await report(containerd.removed(), engine.exit(255), engine.remove());
    for (const wait of waits) {
      const { StatusCode, Error: problem } = JSON.parse(await wait.text()) as {
        StatusCode: number;
        Error?: { Message: string };
      };
      expect(StatusCode).to.equal(255);
      expect(problem?.Message).to.include('containerd reported no end');
    }
  });

  it("has not died of containerd's report of an earlier run", async () => {
    await report([recordingBegun()], engine.start(), containerd.start(7));
    await report(containerd.exit(7, 1, { exitedAt: 1000 }), engine.exit(1), engine.start());
    await report(engine.exit(255));
    expect(exitCodesOf(await server.docker.history())).to.deep.equal(['1', '255']);
  });

  it('has not died of an exit before its start', async () => {
    await report([recordingBegun()], containerd.start(7), containerd.exit(7, 1, { exitedAt: 900 }));
    await report(engine.start(), engine.exit(255));
    expect(exitCodesOf(await server.docker.history())).to.deep.equal(['255']);
  });

  it('runs on when the engine reports the end of an earlier run late, as after a replay', async () => {
    const ended = engine.exit(85);
    const later = { timestamp: { seconds: 1001n, nanos: 0 } };
    await report([recordingBegun()], engine.create(), engine.start(), containerd.start(7));
    await report(containerd.exit(7, 85, { exitedAt: 1000 }));
    await report([envelopeOf(containerd.made(), later), envelopeOf(containerd.create(8), later)]);
    await report([envelopeOf(containerd.start(8), later)]);
    const wait = server.docker.wait('web');
    await wait.head;
    await report(ended);
    expect(exitCodesOf(await server.docker.history())).to.deep.equal(['85']);
    const { State } = (await server.docker.json('/containers/web/json')) as { State: object };
    expect(State).to.include({ Status: 'running', ExitCode: 0 });
    await report(containerd.exit(8, 66, { exitedAt: LATER }));
    expect(await wait.text()).to.equal('{"StatusCode":66}\n');
  });

  it('has died once if the engine reports what was filled in', async () => {
    const live = server.docker.events();
    await live.head;
    await report([recordingBegun()], engine.start(), containerd.start(7));
    await report(containerd.exit(7, 42, { exitedAt: LATER }), filledIn(42, 1500n * SECOND));
    await report(engine.exit(42), engine.start());
    const received = await server.docker.history();
    expect(actionsOf(received)).to.deep.equal(['start', 'die', 'start']);
    expect(exitCodesOf(received)).to.deep.equal(['42']);
    expect(await live.when(({ length }) => length >= 3)).to.deep.equal(received);
    live.cancel();
  });

  it('has died once if a die is filled in that the engine has reported', async () => {
    await report([recordingBegun()], engine.start(), containerd.start(7));
    await report(containerd.exit(7, 42, { exitedAt: LATER }), engine.exit(42));
    await report(filledIn(42, 1500n * SECOND), engine.remove());
    const received = await server.docker.history();
    expect(actionsOf(received)).to.deep.equal(['start', 'die', 'destroy']);
  });

  it('dies again in its next run', async () => {
    await report([recordingBegun()], engine.start(), containerd.start(7));
    await report(containerd.exit(7, 1, { exitedAt: LATER }), filledIn(1, 1500n * SECOND));
    await report(engine.start(), containerd.start(8));
    await report(containerd.exit(8, 2, { exitedAt: LATER + 1 }), engine.exit(2), engine.start());
    await report(containerd.start(9), containerd.exit(9, 3, { exitedAt: LATER + 2 }));
    await report(filledIn(3, 1600n * SECOND));
    expect(exitCodesOf(await server.docker.history())).to.deep.equal(['1', '2', '3']);
  });

  it('cannot forge its exit code by labels if only containerd reports it', async () => {
    const labels = new Map(
      Object.entries({
        exitCode: '0',
        execDuration: '99',
        execID: 'forged',
        name: 'x',
        image: 'y',
      }),
    );
    const updated = {
      topic: '/containers/update',
      event: {
        typeUrl: 'containerd.events.ContainerUpdate',
        value: Buffer.from(
          ContainerUpdate.encode(
            ContainerUpdate.fromPartial({ id: ID, image: 'busybox', labels }),
          ).finish(),
        ),
      },
    };
    await report(containerd.made(), updated, containerd.start(7));
    await report(containerd.exit(9, 5, { id: 'e1' }), containerd.exit(7, 7, { exitedAt: LATER }));
    const [, , execDie, die] = (await server.docker.history()).map(toldEvent);
    expect(execDie!.attributes).to.include({ execID: 'e1', exitCode: '5' });
    expect(die!.attributes).to.include({ exitCode: '7', image: 'busybox', name: ID });
    expect(die!.attributes.execDuration).to.equal(String(LATER - 1000 - 1));
  });
});
