import { expect } from 'chai';
import { isDeepStrictEqual } from 'node:util';
import type { DockerClient } from '../support/docker/docker-client.js';
import { eventually } from '../support/eventually.js';
import { Cleanup } from '../support/processes/cleanup.js';
import { RecordedEngine } from './recorded-engine.js';

const BUSYBOX = 'busybox:latest';

/** Longest time until both show the same. */
const PATIENCE_MS = 60_000;

interface State {
  readonly Status: string;
  readonly Running: boolean;
  readonly Restarting: boolean;
  readonly ExitCode: number;
  readonly StartedAt: string;
  readonly FinishedAt: string;
  readonly Health?: { readonly Status: string };
}

/** A state as inspect and the list show it. */
interface Shown {
  readonly state: object;
  readonly hasEnded: boolean;
  readonly list: readonly (readonly string[])[];
}

describe('the state of containers of a recorded engine, beside the engine', () => {
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

  async function run(name: string, ...rest: string[]): Promise<void> {
    const flags = ['run', '--detach', '--network', 'none', '--name', name];
    await recorded.docker('dockerd', ...flags, ...rest).succeeded();
  }

  async function stateAt(client: DockerClient, name: string): Promise<State> {
    return ((await client.json(`/containers/${name}/json`)) as { State: State }).State;
  }

  /** The parts of a state that both have, without fractions of seconds. */
  async function shown(client: DockerClient, name: string, filters: object): Promise<Shown> {
    const state = await stateAt(client, name);
    const { Status, Running, Restarting, ExitCode, Health } = state;
    const query = { all: '1', filters: JSON.stringify({ name: [name], ...filters }) };
    const list = (await client.json('/containers/json', { query })) as {
      State: string;
      Status: string;
    }[];
    return {
      state: { Status, Running, Restarting, ExitCode, health: Health?.Status },
      hasEnded: !state.FinishedAt.startsWith('0001'),
      list: list.map((one) => [
        one.State,
        one.Status.replace(/(less than )?(a|\d+) second(s)?/i, 'N s'),
      ]),
    };
  }

  /** Resolves when the engine shows this status, health and code. */
  async function untilEngineHas(name: string, status: string, rest: object = {}): Promise<void> {
    await eventually(async () => {
      const { Status, ExitCode, Health } = await stateAt(engine, name);
      const now = { Status, ExitCode, health: Health?.Status };
      return isDeepStrictEqual(now, { ...now, Status: status, ...rest });
    });
  }

  /** Compares until both agree: the texts have seconds, and a container may change in between. */
  async function expectSame(name: string, filters: object = {}): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const expected = await shown(engine, name, filters);
      const found = await shown(foghorn, name, filters);
      const isSame = expected.list.length === 1 && isDeepStrictEqual(found, expected);
      if (isSame) return;
      if (performance.now() < end) continue;
      expect(found).to.deep.equal(expected);
      expect(expected.list).to.have.lengthOf(1);
    }
  }

  it('has the health of its checks', async () => {
    const check = ['--health-cmd', '[ -e /well ]', '--health-interval', '1s'];
    const script = 'sleep 3; touch /well; sleep 100';
    await run('checked', ...check, '--health-retries', '1', BUSYBOX, '/bin/sh', '-c', script);
    await untilEngineHas('checked', 'running', { health: 'healthy' });
    await expectSame('checked', { health: ['healthy'] });
    await recorded.docker('dockerd', 'kill', 'checked').succeeded();
    await untilEngineHas('checked', 'exited');
    await expectSame('checked');
  });

  it('keeps the last end, and the code 0, while the next run goes on', async () => {
    const script = '[ -e /second ] && sleep 100; touch /second; exit 3';
    await run('again', BUSYBOX, '/bin/sh', '-c', script);
    await untilEngineHas('again', 'exited', { ExitCode: 3 });
    await recorded.docker('dockerd', 'start', 'again').succeeded();
    await expectSame('again', { status: ['running'] });
  });

  it('is restarting while the engine waits to start it again', async () => {
    await run('restarting', '--restart', 'always', BUSYBOX, '/bin/sh', '-c', 'exit 3');
    await untilEngineHas('restarting', 'restarting');
    await expectSame('restarting', { status: ['restarting'] });
    await recorded.docker('dockerd', 'stop', 'restarting').succeeded();
    await untilEngineHas('restarting', 'exited');
    await expectSame('restarting', { status: ['exited'] });
  });
});
