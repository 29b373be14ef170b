import { writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { connect } from '../../client/index.js';
import type { DockerClient } from '../support/docker/docker-client.js';
import { eventually } from '../support/eventually.js';
import { Cleanup } from '../support/processes/cleanup.js';
import { RecordedEngine } from './recorded-engine.js';

const REASON = 'host rebooted';

interface Shown {
  readonly Id: string;
  readonly State: string;
  readonly Status: string;
}

describe('a host that is rebooted', () => {
  const cleanup = new Cleanup();
  let recorded: RecordedEngine;
  let foghorn: DockerClient;

  before(async () => {
    recorded = await RecordedEngine.start(cleanup);
    foghorn = recorded.client('foghorn');
  });

  after(() => cleanup.run());

  /** Ends everything at once, and starts it again with another boot id. */
  async function reboot(): Promise<void> {
    const { containerd, dockerd, broker } = recorded;
    await Promise.all([
      recorded.killRecorders(),
      broker.end('SIGKILL'),
      dockerd.end('SIGKILL'),
      containerd.end('SIGKILL'),
    ]);
    await containerd.loseState();
    await containerd.startAgain();
    await dockerd.startAgain();
    await recorded.startBroker();
    const bootId = broker.file('boot-id');
    await writeFile(bootId, 'f01d4b7e-0000-4000-8000-000000000000\n');
    await recorded.startBridges({ bootId });
  }

  it('leaves lost ends, which lists, inspections and waits show within a minute', async () => {
    const id = await recorded.dockerd.runDetached('before', 'sleep 600');
    await recorded.containerd.runDetached('alone', 'sleep 600');
    await recorded.recorded();
    const client = connect({ address: recorded.broker.address });
    cleanup.defer(() => client.close());
    const states: string[] = [];
    const early = client.wait({ id: 'alone' }, { onStatus: ({ state }) => states.push(state) });
    const earlyEnd = early.catch((error: unknown) => String(error));
    await eventually(() => states.includes('connected'));
    await reboot();
    const begun = performance.now();

    const alone = await recorded.broker.run(['wait', 'alone', '--timeout', '60s']);
    const engines = await recorded.broker.run(['-n', 'moby', 'wait', id, '--timeout', '60s']);
    expect(await earlyEnd).to.include(`is lost: ${REASON}; last seen running at`);
    for (const wait of [alone, engines]) {
      expect((await wait.exited).code).to.equal(1);
      expect(wait.stderr.join('\n')).to.include(`is lost: ${REASON}; last seen running at`);
    }
    const answer = foghorn.wait(id);
    expect((await answer.head).status).to.equal(409);
    expect(await answer.text()).to.include(REASON);
    const listed = (): Promise<Shown[]> =>
      foghorn.json('/containers/json?all=1') as Promise<Shown[]>;
    await eventually(async () => (await listed()).every(({ State }) => State === 'exited'));
    expect((await listed())[0]).to.include({ Id: id });
    expect((await listed())[0]?.Status).to.match(/^Exited \(255\) /);
    const { State } = (await foghorn.json(`/containers/${id}/json`)) as { State: object };
    expect(State).to.include({ Status: 'exited', Running: false, ExitCode: 255 });
    expect((performance.now() - begun) / 1000, 'seconds').to.be.below(60);
  });

  it('counts runs that begin afterwards', async () => {
    const id = await recorded.dockerd.runDetached('after', 'exit 6');
    expect(await foghorn.wait(id).text()).to.equal('{"StatusCode":6}\n');
  });
});
