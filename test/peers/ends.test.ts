import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import type { DockerClient } from '../support/docker/docker-client.js';
import { eventually } from '../support/eventually.js';
import { Cleanup } from '../support/processes/cleanup.js';
import { RecordedEngine } from './recorded-engine.js';

const BUSYBOX = 'busybox:latest';

describe('how containers of a recorded engine ended', () => {
  const cleanup = new Cleanup();
  let recorded: RecordedEngine;
  let engine: DockerClient;
  let foghorn: DockerClient;

  before(async () => {
    recorded = await RecordedEngine.start(cleanup);
    engine = recorded.client('dockerd');
    foghorn = recorded.client('foghorn');
  });

  after(() => cleanup.run());

  /** Creates a container with a shell script; resolves with its id. */
  async function create(name: string, script: string): Promise<string> {
    const command = ['create', '--network', 'none', '--name', name, BUSYBOX];
    const child = recorded.docker('dockerd', ...command, '/bin/sh', '-c', script);
    return (await child.succeeded()).stdout[0]!;
  }

  /** Starts a container and resolves with how it ended according to Foghorn, asked at once. */
  async function startAndWait(id: string): Promise<string> {
    const { status } = await engine.ask('POST', `/containers/${id}/start`);
    expect(status).to.equal(204);
    return foghorn.wait(id).text();
  }

  it('is never answered with the code of another run, right after a start', async () => {
    const id = await create('again', 'sleep 0.3; exit 5');
    for (let run = 0; run < 5; run++) {
      expect(await startAndWait(id)).to.equal('{"StatusCode":5}\n');
    }
  });

  it('is answered with the next code where the run before had another', async () => {
    const script = 'sleep 0.3; [ -e /second ] && exit 7; touch /second; exit 3';
    const id = await create('twice', script);
    expect(await startAndWait(id)).to.equal('{"StatusCode":3}\n');
    expect(await startAndWait(id)).to.equal('{"StatusCode":7}\n');
  });

  it('is running by containerd while the recorder of the engine stands still', async () => {
    const script = 'sleep 3; [ -e /second ] && exit 7; touch /second; exit 3';
    const id = await create('still', script);
    expect(await startAndWait(id)).to.equal('{"StatusCode":3}\n');
    recorded.signalEngineRecorder('SIGSTOP');
    try {
      expect(await startAndWait(id)).to.equal('{"StatusCode":7}\n');
    } finally {
      recorded.signalEngineRecorder('SIGCONT');
    }
  });

  it('shows what was just done at the engine: created, started, events until now', async () => {
    for (let n = 0; n < 10; n++) {
      const id = await create(`seen-${n}`, 'sleep 5');
      const { State } = (await foghorn.json(`/containers/${id}/json`)) as {
        State: { Status: string };
      };
      expect(State.Status).to.equal('created');
      await engine.ask('POST', `/containers/${id}/start`);
      const { State: after } = (await foghorn.json(`/containers/${id}/json`)) as {
        State: { Status: string; ExitCode: number };
      };
      expect(after).to.include({ Status: 'running', ExitCode: 0 });
      await engine.ask('DELETE', `/containers/${id}`, { query: { force: '1' } });
      // The event has nanoseconds, and may be of the millisecond that begins now.
      await delay(2);
      const until = (Date.now() / 1000).toFixed(3);
      const filters = JSON.stringify({ container: [id], event: ['destroy'] });
      const events = await foghorn.events({ since: '0', until, filters }).toEnd();
      expect(events).to.have.lengthOf(1);
    }
  });

  it("is the engine's code for a command that could not be started", async () => {
    for (const [name, command, code] of [
      ['nosuch', '/no/such', 127],
      ['directory', '/tmp', 127],
    ] as const) {
      const started = recorded.docker(
        'dockerd',
        ...['run', '--network', 'none', '--name', name, BUSYBOX, command],
      );
      expect((await started.exited).code).to.equal(code);
      expect(await foghorn.wait(name).text()).to.equal(`{"StatusCode":${code}}\n`);
      const { Id, State } = (await foghorn.json(`/containers/${name}/json`)) as {
        Id: string;
        State: object;
      };
      expect(State).to.include({ Status: 'created', ExitCode: code });
      const wait = await recorded.broker.run(['-n', 'moby', 'wait', Id, '--timeout', '20s']);
      expect((await wait.succeeded()).stdout).to.deep.equal([String(code)]);
    }
  });

  it('is an error for one that could not be started and was removed', async () => {
    const flags = ['run', '--rm', '--network', 'none', '--name', 'gone', BUSYBOX, '/no/such'];
    expect((await recorded.docker('dockerd', ...flags).exited).code).to.equal(127);
    await recorded.recorded();
    const filters = JSON.stringify({ container: ['gone'], event: ['create'] });
    const [line] = await foghorn.history({ filters });
    const { id } = JSON.parse(line!) as { id: string };
    await eventually(async () => (await foghorn.wait(id).head).status >= 400);
    const wait = await recorded.broker.run(['-n', 'moby', 'wait', id, '--timeout', '20s']);
    expect((await wait.exited).code).to.equal(1);
  });

  it('is an error, and shown as 255, for a run that its daemons no longer know', async () => {
    const id = await create('lost', 'sleep 600');
    await engine.ask('POST', `/containers/${id}/start`);
    await recorded.recorded();
    await recorded.killRecorders();
    await engine.ask('DELETE', `/containers/${id}`, { query: { force: '1' } });
    await recorded.dockerd.end('SIGKILL');
    await recorded.dockerd.startAgain();
    await recorded.startBridges();
    const wait = await recorded.broker.run(['-n', 'moby', 'wait', id, '--timeout', '60s']);
    expect((await wait.exited).code).to.equal(1);
    expect(wait.stderr.join('\n')).to.match(/is lost|never reported/);
    await eventually(async () => (await foghorn.wait(id).head).status >= 400);
  });

  it("is the engine's code after both daemons and recorders were killed", async () => {
    const id = await create('killed', 'sleep 2; exit 21');
    await engine.ask('POST', `/containers/${id}/start`);
    await recorded.recorded();
    await recorded.killRecorders();
    await recorded.dockerd.end('SIGKILL');
    await delay(3000);
    await recorded.dockerd.startAgain();
    await recorded.startBridges();
    expect(await foghorn.wait(id).text()).to.equal('{"StatusCode":21}\n');
    const wait = await recorded.broker.run(['-n', 'moby', 'wait', id, '--timeout', '60s']);
    expect((await wait.succeeded()).stdout).to.deep.equal(['21']);
  });
});
