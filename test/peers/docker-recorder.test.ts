import { existsSync, rmSync } from 'node:fs';
import { expect } from 'chai';
import { connect, nanosFromTimestamp } from '../../client/index.js';
import type { Client } from '../../client/index.js';
import type { DockerEvent } from '../../protos/gen/foghorn/v1/docker.js';
import { lineOf, recordedIn, recordingsIn } from '../bridge/docker/recorded.js';
import type { Child } from '../support/processes/child.js';
import { Cleanup } from '../support/processes/cleanup.js';
import { BrokerProcess } from '../support/processes/broker-process.js';
import { eventually } from '../support/eventually.js';
import { Containerd } from './containerd.js';
import { Dockerd } from './dockerd.js';

describe('foghorn record docker', () => {
  const cleanup = new Cleanup();
  let dockerd: Dockerd;
  let broker: BrokerProcess;
  let client: Client;
  let bridge: Child;
  /** Lines that the engine itself shows, from its start. */
  let atEngine: Child;

  beforeEach(async () => {
    const containerd = await Containerd.start(cleanup);
    dockerd = await Dockerd.start(containerd, cleanup);
    broker = await BrokerProcess.create(cleanup);
    await broker.start();
    client = connect({ address: broker.address });
    cleanup.defer(() => client.close());
    const below = await broker.run([
      'record',
      'containerd',
      '--from',
      containerd.socket,
      '--spool',
      broker.file('containerd'),
    ]);
    cleanup.defer(() => below.end('SIGKILL'));
    await below.until('record', () => below.stderr.some((line) => line.includes('recording')));
    watchEngine();
    await startBridge();
  });

  afterEach(() => cleanup.run());

  function watchEngine(): void {
    const format = ['--format', '{{json .}}'];
    const events = dockerd.docker('events', '--since', '0', ...format);
    cleanup.defer(() => events.end('SIGKILL'));
    atEngine = events;
  }

  async function startBridge(): Promise<void> {
    const spool = ['--spool', broker.file('docker')];
    bridge = await broker.run(['record', 'docker', '--from', dockerd.socket, ...spool]);
    const started = bridge;
    cleanup.defer(() => started.end('SIGKILL'));
    await bridge.until('say that it records', () => said(/^foghorn: recording the events of /));
  }

  /** Path of the recorder's state. */
  function state(): string {
    return broker.file('docker/state.json');
  }

  function said(text: RegExp): boolean {
    return bridge.stderr.some((line) => text.test(line));
  }

  async function engineEvents(): Promise<DockerEvent[]> {
    return (await recordedIn(client)).flatMap(({ event }) => event ?? []);
  }

  /**
   * Creates a volume; resolves when the engine and the history show it, and so all earlier events.
   */
  async function untilAllStored(name: string): Promise<void> {
    await dockerd.docker('volume', 'create', name).succeeded();
    await atEngine.until(`show ${name}`, () =>
      atEngine.stdout.some((line) => line.includes(`"ID":"${name}"`)),
    );
    await eventually(async () => (await engineEvents()).some(({ actorId }) => actorId === name));
  }

  /** Expects that the history has exactly the events that the engine has shown. */
  async function expectTheSame(shown: readonly string[]): Promise<void> {
    expect(byTime((await engineEvents()).map(lineOf))).to.deep.equal(byTime(shown));
  }

  /** Creates volumes, each of which is an event. */
  async function makeVolumes(prefix: string, count: number): Promise<void> {
    const names = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
    for (const name of names) await dockerd.docker('volume', 'create', name).succeeded();
  }

  it('records the events that `docker events` shows, with the times of the engine', async () => {
    expect(await dockerd.run('fails', 'exit 3')).to.equal(3);
    const id = await dockerd.runDetached('web', 'exec sleep 1000');
    await dockerd.docker('exec', 'web', 'sh', '-c', 'exit 5').exited;
    for (const step of [
      ['pause', 'web'],
      ['unpause', 'web'],
      ['rename', 'web', 'db'],
      ['restart', '--time', '0', 'db'],
      ['kill', 'db'],
      ['rm', 'fails', 'db'],
      ['tag', 'busybox', 'other'],
      ['rmi', 'other'],
    ]) {
      await dockerd.docker(...step).succeeded();
    }
    await untilAllStored('end');
    await expectTheSame(atEngine.stdout);
    const recorded = await recordedIn(client);
    expect(recorded[0]?.recording?.engine).to.equal(dockerd.address);
    const events = recorded.filter(({ event }) => event?.actorId === id);
    expect(events.map(({ topic }) => topic)).to.include.members([
      '/docker/container/start',
      '/docker/container/exec_create',
      '/docker/container/rename',
      '/docker/container/die',
      '/docker/container/destroy',
    ]);
    for (const { event, time } of events) expect(event?.timeNano).to.equal(time);
    expect(said(/missing/)).to.equal(false);
  });

  it('loses nothing when the broker is killed while it records', async () => {
    await makeVolumes('before', 5);
    const making = makeVolumes('during', 40);
    await eventually(() => atEngine.stdout.some((line) => line.includes('during-10')));
    await broker.end('SIGKILL');
    await eventually(() => atEngine.stdout.some((line) => line.includes('during-20')));
    await broker.start();
    await making;
    await untilAllStored('end');
    await expectTheSame(atEngine.stdout);
    expect(said(/missing/)).to.equal(false);
  });

  for (const [signal, flags] of [
    ['SIGTERM', 'with'],
    ['SIGKILL', 'with'],
    ['SIGTERM', 'without'],
    ['SIGKILL', 'without'],
  ] as const) {
    it(`neither loses nor duplicates an event when it is restarted after ${signal}, ${flags} a state`, async () => {
      await dockerd.run('before', 'exit 1');
      await untilAllStored('before');
      // After SIGKILL the bridge has only its state file, which it writes once a second.
      if (flags === 'with') await eventually(() => existsSync(state()));
      await bridge.end(signal);
      await dockerd.run('meanwhile', 'exit 2');
      if (flags === 'without') rmSync(state());
      await startBridge();
      await dockerd.run('after', 'exit 3');
      await untilAllStored('end');
      await expectTheSame(atEngine.stdout);
      expect(said(/missing/)).to.equal(false);
    });
  }

  it('reports a possible gap when the engine forgot events', async () => {
    await untilAllStored('before');
    const stopped = await engineEvents();
    expect(await bridge.end('SIGTERM')).to.deep.equal({ code: 0, signal: null });
    await makeVolumes('meanwhile', 260);
    await startBridge();
    await untilAllStored('end');
    expect(said(/may be missing: the engine remembers only the last 256$/)).to.equal(true);
    const shown = atEngine.stdout;
    // Events that the engine remembered when the bridge came back, and the last one.
    const kept = shown.slice(-257);
    await expectTheSame([...shown.slice(0, stopped.length), ...kept]);
    const missing = (await recordingsIn(client)).filter(({ missingFrom }) => missingFrom);
    expect(missing).to.have.length(1);
    const { missingFrom: from, missingTo: to } = missing[0]!;
    expect(nanosFromTimestamp(from!) >= stopped.at(-1)!.timeNano).to.equal(true);
    expect(nanosFromTimestamp(to!)).to.equal(timeOf(kept[0]!));
  });

  it('continues after a restart of the engine, and reports a possible gap', async () => {
    await dockerd.run('before', 'exit 1');
    await untilAllStored('before');
    const before = atEngine.stdout;
    await dockerd.end('SIGTERM');
    await bridge.until('notice', () => said(/no connection to the Docker engine/));
    await dockerd.startAgain();
    watchEngine();
    await dockerd.run('after', 'exit 2');
    await untilAllStored('end');
    await expectTheSame([...before, ...atEngine.stdout]);
    expect(said(/may be missing: the engine was restarted$/)).to.equal(true);
    expect(bridge.stderr.filter((line) => line.includes('missing'))).to.have.length(1);
  });

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    it(`fills in the end of a container while the engine was down after ${signal}`, async () => {
      const name = 'ends-meanwhile';
      const id = await dockerd.runDetached(
        name,
        'trap "exit 42" USR1; while :; do sleep 0.1; done',
      );
      await untilAllStored('before');
      const inspect = dockerd.docker('inspect', '--format', '{{.State.Pid}}', name);
      const [pid] = (await inspect.succeeded()).stdout;
      await dockerd.end(signal);
      process.kill(Number(pid), 'SIGUSR1');
      await bridge.until('fill in', () => said(/ends-meanwhile ended with exit code 42/));
      await dockerd.startAgain();
      watchEngine();
      const { stdout } = await dockerd.docker('wait', name).succeeded();
      expect(stdout).to.deep.equal(['42']);
      await untilAllStored('end');
      const reported = (await engineEvents()).filter(({ actorId }) => actorId === id);
      const dies = reported.filter(({ action }) => action === 'die');
      expect(dies.map(({ filledIn }) => filledIn)).to.deep.equal([true]);
      expect(Object.fromEntries(dies[0]!.attributes)).to.include({
        name,
        image: 'busybox:latest',
        exitCode: '42',
      });
      expect(dies[0]!.attributes.get('execDuration')).to.match(/^\d+$/);
    });
  }
});

/**
 * Sorts lines, because dockerd reports simultaneous events to different clients in different
 * orders.
 */
function byTime(lines: readonly string[]): string[] {
  return lines.toSorted((a, b) => Number(timeOf(a) - timeOf(b)));
}

/** Nanoseconds since 1970. */
function timeOf(line: string): bigint {
  return BigInt(/"timeNano":(\d+)/.exec(line)?.[1] ?? 0);
}
