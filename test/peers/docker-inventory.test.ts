import { expect } from 'chai';
import { Cleanup } from '../support/processes/cleanup.js';
import { eventually } from '../support/eventually.js';
import { Containerd } from './containerd.js';
import { Dockerd } from './dockerd.js';
import { RecordedEngine } from './recorded-engine.js';

const NAMES = ['made', 'ended', 'goes-on'];

/** Fields in which Foghorn and dockerd must agree about a container known only by inspection. */
const FIELDS =
  '{{.Id}} {{.Name}} {{.Config.Image}} {{json .Config.Labels}} {{.State.Status}} {{.State.ExitCode}} ' +
  '{{.Created}} {{.State.StartedAt}} {{.State.FinishedAt}}';

describe('containers without any event of dockerd', () => {
  const cleanup = new Cleanup();
  let engine: RecordedEngine;

  before(async () => {
    const containerd = await Containerd.start(cleanup);
    const dockerd = await Dockerd.start(containerd, cleanup);
    const flags = ['--network', 'none', '--label', 'a=b', '--name', 'made'];
    await dockerd.docker('create', ...flags, 'busybox:latest', 'true').succeeded();
    await dockerd.run('ended', 'exit 5');
    await dockerd.runDetached('goes-on', 'trap "exit 6" USR1; while :; do sleep 0.1; done');
    // The engine forgets its events; its containers keep running.
    await dockerd.end('SIGTERM');
    await dockerd.startAgain();
    engine = await RecordedEngine.over(containerd, dockerd, cleanup);
    await eventually(async () => (await shown('ps', '--all', '--quiet')).length === NAMES.length);
  });

  after(() => cleanup.run());

  /** Returns the output of the docker command at Foghorn. */
  async function shown(...args: string[]): Promise<string[]> {
    return (await engine.docker('foghorn', ...args).succeeded()).stdout;
  }

  async function atEngine(...args: string[]): Promise<string[]> {
    return (await engine.docker('dockerd', ...args).succeeded()).stdout;
  }

  it('are listed and inspected as at dockerd', async () => {
    const list = ['ps', '--all', '--format', '{{.ID}} {{.Names}} {{.Image}} {{.State}}'];
    expect(await shown(...list)).to.deep.equal(await atEngine(...list));
    const inspect = ['inspect', '--format', FIELDS, ...NAMES];
    expect(await shown(...inspect)).to.deep.equal(await atEngine(...inspect));
  });

  it('can be waited for, and a die is filled in when one ends while dockerd is down', async () => {
    expect(await shown('wait', 'ended')).to.deep.equal(['5']);
    const waiting = engine.docker('foghorn', 'wait', 'goes-on');
    const [pid] = await atEngine('inspect', '--format', '{{.State.Pid}}', 'goes-on');
    await engine.dockerd.end('SIGKILL');
    process.kill(Number(pid), 'SIGUSR1');
    expect((await waiting.succeeded()).stdout).to.deep.equal(['6']);
    await engine.dockerd.startAgain();
    await engine.recorded();
    const reported = async (): Promise<unknown[]> => {
      const events = await engine.eventsOf('foghorn', '0');
      const ofContainers = events.filter(({ Actor }) => 'image' in Actor.Attributes);
      return ofContainers.map(({ Action, Actor }) => [Action, Actor.Attributes]);
    };
    // containerd's exit answers a wait at once. The die comes when the engine can report it no
    // more.
    await eventually(async () => (await reported()).length > 0);
    expect(await reported()).to.deep.equal([
      ['die', { name: 'goes-on', image: 'busybox:latest', exitCode: '6' }],
    ]);
  });
});
