import { expect } from 'chai';
import { DockerContainer } from '../../../protos/gen/foghorn/v1/docker.js';
import { DockerServer } from '../../support/docker/docker-server.js';
import {
  described as describedAs,
  recorded,
  recordingBegun,
} from '../../support/docker/recorded-events.js';
import { Container, report } from '../../support/task-events.js';

const WEB = 'a'.repeat(64);
const web = new Container(WEB);

/** Times are in seconds after 1970; test/support has containers exit at 100. */
const SECOND = 1_000_000_000n;
const at = (seconds: bigint) => ({ seconds, nanos: 0 });

const RUNNING = { status: 'running', startedAt: at(20n) };
const EXITED = { ...RUNNING, status: 'exited', exitCode: 5, finishedAt: at(30n), oomKilled: true };

interface Inspection {
  readonly Image: string;
  readonly Name: string;
  readonly Created: string;
  readonly State: Readonly<Record<string, unknown>>;
  readonly Config: { readonly Image: string; readonly Labels: object };
}

describe('a container that an engine has described', () => {
  let server: DockerServer;
  let time = 50n;

  beforeEach(async () => {
    server = await DockerServer.start();
    await server.grpc.forward(recordingBegun());
  });

  afterEach(() => server.stop());

  async function described(state: Partial<DockerContainer>): Promise<void> {
    const container = DockerContainer.fromPartial({
      id: WEB,
      name: 'web',
      image: 'busybox:latest',
      labels: new Map([['tier', 'front']]),
      createdAt: at(10n),
      ...state,
    });
    await server.grpc.forward(describedAs(container, ++time * SECOND));
  }

  async function report(action: string, attributes: Record<string, string> = {}): Promise<void> {
    const named = { image: 'busybox:latest', name: 'web', ...attributes };
    const fields = { action, actorId: WEB, attributes: new Map(Object.entries(named)) };
    await server.grpc.forward(recorded({ ...fields, timeNano: ++time * SECOND }));
  }

  async function inspected(name = 'web'): Promise<Inspection> {
    return (await server.docker.json(`/containers/${name}/json`)) as Inspection;
  }

  async function waited(name = 'web'): Promise<readonly string[]> {
    return server.docker.wait(name).toEnd();
  }

  async function listed(): Promise<string[]> {
    const list = await server.docker.json('/containers/json', { query: { all: '1' } });
    return (list as { Names: string[]; State: string }[]).map(
      ({ Names, State }) => `${Names.join()} ${State}`,
    );
  }

  async function onlyListed(): Promise<object | undefined> {
    const list = (await server.docker.json('/containers/json')) as readonly object[];
    expect(list).to.have.length(1);
    return list[0];
  }

  it('keeps labels that are called image and name through its events', async () => {
    const labels = { image: 'a label', name: 'another' };
    await described({ ...RUNNING, labels: new Map(Object.entries(labels)) });
    await report('rename', { name: 'renamed', oldName: '/web' });
    const { Config } = await inspected('renamed');
    expect(Config).to.deep.include({ Image: 'busybox:latest', Labels: labels });
  });

  it('shows the id of its image, also after its events, and after it is removed', async () => {
    const imageId = `sha256:${'7'.repeat(64)}`;
    await described({ ...RUNNING, imageId });
    expect(await inspected()).to.deep.include({ Image: imageId });
    await report('rename', { name: 'renamed', oldName: '/web' });
    const { Image, Config } = await inspected('renamed');
    expect({ Image, config: Config.Image }).to.deep.equal({
      Image: imageId,
      config: 'busybox:latest',
    });
    expect(await onlyListed()).to.deep.include({ Image: 'busybox:latest', ImageID: imageId });
    await report('die', { exitCode: '0' });
    await report('destroy');
    const gone = await server.docker.json(`/containers/${WEB}/json`, { query: { history: '1' } });
    expect(gone).to.deep.include({ Image: imageId });
  });

  it('shows the id of its image where its first events came before the description', async () => {
    const imageId = `sha256:${'7'.repeat(64)}`;
    await report('create');
    await described({ status: 'created', imageId });
    expect((await inspected()).Image).to.equal(imageId);
  });

  it('shows the name of its image where its engine did not say the id', async () => {
    await described(RUNNING);
    expect((await inspected()).Image).to.equal('busybox:latest');
    expect(await onlyListed()).to.deep.include({ Image: 'busybox:latest', ImageID: '' });
  });

  it('is known by its description', async () => {
    await described(EXITED);
    const { Name, Created, State, Config } = await inspected();
    expect({ Name, Created }).to.deep.equal({ Name: '/web', Created: '1970-01-01T00:00:10Z' });
    expect(Config).to.deep.include({ Image: 'busybox:latest', Labels: { tier: 'front' } });
    expect(State).to.deep.include({
      Status: 'exited',
      Running: false,
      OOMKilled: true,
      ExitCode: 5,
      StartedAt: '1970-01-01T00:00:20Z',
      FinishedAt: '1970-01-01T00:00:30Z',
    });
    expect(await listed()).to.deep.equal(['/web exited']);
    expect(await waited()).to.deep.equal(['{"StatusCode":5}']);
    expect(await waited(WEB)).to.deep.equal(['{"StatusCode":5}']);
  });

  for (const [status, shown] of [
    ['created', 'created'],
    ['paused', 'paused'],
    ['restarting', 'restarting'],
    ['removing', 'exited'],
    ['dead', 'exited'],
  ] as const) {
    it(`is ${shown} when it was ${status}`, async () => {
      await described({ status });
      expect(await listed()).to.deep.equal([`/web ${shown}`]);
    });
  }

  it('counts as running while it restarts, although its last run has ended', async () => {
    await described({ ...EXITED, status: 'restarting' });
    const { State } = await inspected();
    expect(State).to.deep.include({ Status: 'restarting', Running: true, Restarting: true });
    expect(State).to.deep.include({ ExitCode: 5, FinishedAt: '1970-01-01T00:00:30Z' });
    expect(await waited()).to.deep.equal(['{"StatusCode":5}']);
  });

  it('restarts as its newest description says, although its events are known', async () => {
    await report('create');
    await report('start');
    await report('die', { exitCode: '3' });
    await described({ ...EXITED, status: 'restarting', exitCode: 3 });
    expect(await listed()).to.deep.equal(['/web restarting']);
    expect((await inspected()).State).to.deep.include({ Status: 'restarting', ExitCode: 3 });
    await report('start');
    expect(await listed()).to.deep.equal(['/web running']);
    await described({ ...EXITED, status: 'restarting', exitCode: 3 });
    expect(await listed()).to.deep.equal(['/web running']);
    await report('die', { exitCode: '4' });
    await described({ ...EXITED, status: 'restarting', exitCode: 4 });
    await described({ ...EXITED, exitCode: 4 });
    expect(await listed()).to.deep.equal(['/web exited']);
  });

  it('has an unknown end where its engine says 255', async () => {
    await described({ ...EXITED, exitCode: 255 });
    expect((await inspected()).State).to.deep.include({ Status: 'exited', ExitCode: 255 });
    const answer = server.docker.wait('web');
    const { status } = await answer.head;
    expect(status).to.equal(500);
    expect(await answer.text()).to.include('was never reported');
  });

  it('keeps the end of its last run while it runs, with the exit code 0', async () => {
    await described(EXITED);
    await report('start');
    const { State } = await inspected();
    expect(State).to.deep.include({ Status: 'running', ExitCode: 0 });
    expect(State.FinishedAt).to.equal('1970-01-01T00:00:30Z');
  });

  it('has the health that its events report, and none without', async () => {
    const health = async (): Promise<unknown> => {
      const { State } = await inspected();
      const [{ Status }] = (await server.docker.json('/containers/json', {
        query: { all: '1', filters: JSON.stringify({ health: [healthOf(State)] }) },
      })) as [{ Status: string }];
      return [healthOf(State), Status];
    };
    const healthOf = (State: Readonly<Record<string, unknown>>): string =>
      (State.Health as { Status: string } | undefined)?.Status ?? 'none';
    await described(EXITED);
    await report('start');
    const [, withoutHealth] = (await health()) as [string, string];
    expect(withoutHealth).to.match(/^Up [^(]*$/);
    await report('health_status: healthy');
    expect(await health()).to.deep.equal(['healthy', `${withoutHealth} (healthy)`]);
    await report('health_status: unhealthy');
    expect(await health()).to.deep.equal(['unhealthy', `${withoutHealth} (unhealthy)`]);
    await report('die', { exitCode: '1' });
    expect(((await health()) as string[])[0]).to.equal('unhealthy');
    await report('start');
    expect(await health()).to.deep.equal(['starting', `${withoutHealth} (health: starting)`]);
  });

  it('has 0 for an exit code when it never ran', async () => {
    await described({ status: 'created' });
    expect(await waited()).to.deep.equal(['{"StatusCode":0}']);
  });

  it('is waited for when it runs', async () => {
    await described(RUNNING);
    const answer = server.docker.wait('web');
    await answer.head;
    await report('die', { exitCode: '7' });
    expect(await answer.toEnd()).to.deep.equal(['{"StatusCode":7}']);
    expect(await listed()).to.deep.equal(['/web exited']);
  });

  it('is not shown as an event', async () => {
    await described(RUNNING);
    await report('pause');
    const events = await server.docker.history({ until: '1000' });
    expect(events.map((line) => (JSON.parse(line) as { Action: string }).Action)).to.deep.equal([
      'pause',
    ]);
  });

  it('is known to a list that was read before', async () => {
    const others = server.docker.events();
    await others.head;
    expect(await listed()).to.deep.equal([]);
    await described(EXITED);
    await server.grpc.forward(
      recorded({ action: 'create', actorId: 'b'.repeat(64), attributes: new Map([['name', 'b']]) }),
    );
    await others.when((lines) => lines.length === 1);
    others.cancel();
    expect(await listed()).to.have.members(['/web exited', '/b created']);
  });

  for (const action of ['create', 'start', 'die', 'destroy'] as const) {
    it(`keeps the state of earlier events of its engine, with "${action}"`, async () => {
      await report(action, { name: 'earlier', ...(action === 'die' && { exitCode: '1' }) });
      const before = await server.docker.ask('GET', '/containers/earlier/json');
      await described(RUNNING);
      const after = await server.docker.ask('GET', '/containers/earlier/json');
      expect(after.body).to.equal(before.body);
      expect((await server.docker.ask('GET', '/containers/web/json')).status).to.equal(404);
    });
  }

  it('is as described if its engine has only reported a new name', async () => {
    await report('rename', { name: 'new', oldName: '/web' });
    await described({ ...EXITED, name: 'new' });
    expect((await inspected('new')).State).to.deep.include({ Status: 'exited', ExitCode: 5 });
  });

  it('is changed by later events', async () => {
    await described(EXITED);
    await report('rename', { name: 'new', oldName: '/web' });
    await report('start', { name: 'new' });
    const { Created, State } = await inspected('new');
    expect(Created).to.equal('1970-01-01T00:00:10Z');
    expect(State).to.include({ Status: 'running', OOMKilled: false });
  });
});

describe('a container that containerd has reported, and then its engine', () => {
  let server: DockerServer;

  beforeEach(async () => {
    server = await DockerServer.start();
  });

  afterEach(() => server.stop());

  async function described(state: Partial<DockerContainer>): Promise<void> {
    const container = DockerContainer.fromPartial({ id: WEB, name: 'web', ...state });
    await server.grpc.forward(describedAs(container, 1n));
  }

  async function actions(): Promise<string[]> {
    const events = await server.docker.history({ until: '2000' });
    return events.map((line) => {
      const { Action, Actor } = JSON.parse(line) as {
        Action: string;
        Actor: { Attributes: { exitCode?: string } };
      };
      return `${Action} ${Actor.Attributes.exitCode ?? ''}`.trimEnd();
    });
  }

  it('is as the engine has described it', async () => {
    await report(server.grpc, web.create(7), web.start(7));
    await described(EXITED);
    const inspected = (await server.docker.json('/containers/web/json')) as Inspection;
    expect(inspected.State).to.deep.include({ Status: 'exited', ExitCode: 5 });
    expect(await server.docker.wait(WEB).toEnd()).to.deep.equal(['{"StatusCode":5}']);
  });

  it('is no longer shown by events of containerd', async () => {
    await report(server.grpc, web.create(7), web.start(7));
    await described(RUNNING);
    await report(server.grpc, web.exit(7, 1));
    expect(await actions()).to.deep.equal(['start']);
  });

  it("has the engine's exit code, and not that of a run before the described one", async () => {
    await report(server.grpc, web.create(7), web.start(7), web.exit(7, 1));
    await described({ status: 'running', startedAt: at(200n) });
    await die('3');
    expect(await actions()).to.deep.equal(['start', 'die 1', 'die 3']);
  });

  it('has the exit code that containerd reports of the described run', async () => {
    await described({ status: 'running', startedAt: at(90n) });
    await report(server.grpc, web.exit(7, 42));
    await die('255');
    expect(await actions()).to.deep.equal(['die 42']);
  });

  async function die(exitCode: string): Promise<void> {
    const attributes = new Map([['exitCode', exitCode]]);
    const envelope = recorded({ action: 'die', actorId: WEB, attributes, timeNano: 300n * SECOND });
    await server.grpc.forward(envelope);
  }
});
