import { expect } from 'chai';
import type { Envelope } from '../../../../protos/gen/containerd/types/event.js';
import { EngineFeed } from '../../../support/docker/container-feeds.js';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { recorded } from '../../../support/docker/recorded-events.js';
import { forwardAll } from '../../../support/history-seed.js';

interface Listed {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Image: string;
  readonly State: string;
  readonly Status: string;
  readonly Created: number;
  readonly Labels: Readonly<Record<string, string>>;
}

/** The events of each container, oldest first. */
const CONTAINERS: readonly (readonly [name: string, image: string, actions: readonly string[]])[] =
  [
    ['db', 'postgres:16', ['create', 'start']],
    ['job', 'busybox', ['create', 'start', 'die 7']],
    ['web', 'registry.local:5000/team/app:v2', ['create', 'start', 'pause']],
    ['new', 'busybox:latest', ['create']],
    ['old', 'busybox', ['create', 'start', 'die 0', 'destroy']],
    ['web-2', 'busybox:musl', ['create', 'start', 'die 0', 'start']],
  ];

describe('GET /containers/json', () => {
  let server: DockerServer;

  before(async () => {
    server = await DockerServer.start();
    await forwardAll(server.grpc, CONTAINERS.flatMap(eventsOf));
  });
  after(() => server.stop());

  const list = async (query: Record<string, string> = {}): Promise<Listed[]> =>
    (await server.docker.json('/containers/json', { query })) as Listed[];

  const namesOf = (listed: readonly Listed[]): string[] =>
    listed.map(({ Names: [name = ''] }) => name.slice(1));

  const named = async (filters: object, query: Record<string, string> = { all: '1' }) =>
    namesOf(await list({ ...query, filters: JSON.stringify(filters) }));

  it('lists running containers, the newest first', async () => {
    expect(namesOf(await list())).to.deep.equal(['web-2', 'web', 'db']);
    expect(namesOf(await list({ all: '0' }))).to.deep.equal(['web-2', 'web', 'db']);
    expect(namesOf(await list({ all: 'false' }))).to.deep.equal(['web-2', 'web', 'db']);
  });

  it('lists all containers that exist', async () => {
    for (const all of ['1', 'true', 'True', 'yes']) {
      expect(namesOf(await list({ all }))).to.deep.equal(['web-2', 'new', 'web', 'job', 'db']);
    }
  });

  it('lists the given number of newest containers, running or not', async () => {
    expect(namesOf(await list({ limit: '2' }))).to.deep.equal(['web-2', 'new']);
    expect(namesOf(await list({ limit: '99' }))).to.have.length(5);
    for (const limit of ['0', '-1']) {
      expect(namesOf(await list({ limit }))).to.deep.equal(['web-2', 'web', 'db']);
    }
  });

  it('lists what was created before or after other containers', async () => {
    expect(await named({ before: ['web'] })).to.deep.equal(['job', 'db']);
    expect(await named({ since: [idOf('web').slice(0, 12)] })).to.deep.equal(['web-2', 'new']);
    expect(await named({ since: ['job'], before: ['web-2'] })).to.deep.equal(['new', 'web']);
    const query = { filters: '{"before":["nosuch"]}' };
    const { status, body } = await server.docker.ask('GET', '/containers/json', { query });
    expect(status).to.equal(404);
    expect(JSON.parse(body)).to.deep.equal({ message: 'No such container: nosuch' });
  });

  it('has the fields that clients show', async () => {
    const [, , web, job] = await list({ all: '1' });
    expect(web).to.include({
      Id: idOf('web'),
      Image: 'registry.local:5000/team/app:v2',
      State: 'paused',
      Created: 1_700_000_020,
    });
    expect(web!.Names).to.deep.equal(['/web']);
    expect(web!.Labels).to.deep.equal({ tier: 'web' });
    expect(web!.Status).to.match(/^Up .* \(Paused\)$/);
    expect(job!.State).to.equal('exited');
    expect(job!.Status).to.match(/^Exited \(7\) .* ago$/);
  });

  const FILTERED: readonly (readonly [object, readonly string[]])[] = [
    [{ name: ['web'] }, ['web-2', 'web']],
    [{ name: ['^web$'] }, ['web']],
    [{ name: ['^/db', 'job'] }, ['job', 'db']],
    [{ id: [`${'0'.repeat(10)}1`, 'x'] }, []],
    [{ id: ['job'.padEnd(6, '0')] }, ['job']],
    [{ label: { 'tier=db': true } }, ['db']],
    [{ label: ['tier'] }, ['web-2', 'new', 'web', 'job', 'db']],
    [{ label: ['tier=db', 'tier=web'] }, []],
    [{ status: ['exited', 'created'] }, ['new', 'job']],
    [{ status: ['paused'] }, ['web']],
    [{ status: ['dead', 'restarting', 'removing'] }, []],
    [{ exited: ['7'] }, ['job']],
    [{ exited: ['0'] }, []],
    [{ ancestor: ['busybox'] }, ['new', 'job']],
    [{ ancestor: ['busybox:musl', 'registry.local:5000/team/app:v2'] }, ['web-2', 'web']],
    [{ ancestor: ['app'] }, []],
    [{ name: ['web'], status: ['running'] }, ['web-2']],
    [{ name: [] }, ['web-2', 'new', 'web', 'job', 'db']],
  ];
  for (const [filters, names] of FILTERED) {
    it(`passes filters: ${JSON.stringify(filters)}`, async () => {
      expect(await named(filters)).to.deep.equal(names);
    });
  }

  it('filters running containers, unless a status is asked for', async () => {
    expect(await named({ name: ['job'] }, {})).to.deep.equal([]);
    expect(await named({ status: ['exited'] }, {})).to.deep.equal(['job']);
    expect(await named({ name: ['o'] }, { limit: '1' })).to.deep.equal(['job']);
  });

  for (const filters of [
    '{"status":["gone"]}',
    '{"exited":["x"]}',
    '{"bogus":["x"]}',
    '{"name":["["]}',
    '{"name":"web"}',
    '{"a":["x"],"b":{"y":true}}',
    'nonsense',
  ]) {
    it(`refuses filters: ${filters}`, async () => {
      const answer = await server.docker.ask('GET', '/containers/json', { query: { filters } });
      expect(answer.status).to.equal(400);
      expect(JSON.parse(answer.body)).to.have.property('message').that.includes('invalid filter');
    });
  }

  it('follows events', async () => {
    const other = await DockerServer.start();
    const names = async (): Promise<string[]> =>
      namesOf((await other.docker.json('/containers/json')) as Listed[]);
    const feed = new EngineFeed('f'.repeat(64), 'app');
    expect(await names()).to.deep.equal([]);
    // Events that do not concern a container itself do not list it.
    await forwardAll(other.grpc, [feed.tell('attach'), feed.tell('exec_create: ls')]);
    expect(await other.docker.json('/containers/json?all=1')).to.deep.equal([]);
    await forwardAll(other.grpc, [...feed.create(), ...feed.start()]);
    expect(await names()).to.deep.equal(['app']);
    await forwardAll(other.grpc, [feed.tell('rename', { name: 'other', oldName: '/app' })]);
    expect(await names()).to.deep.equal(['other']);
    await forwardAll(other.grpc, feed.exit(0));
    expect(await names()).to.deep.equal([]);
    await forwardAll(other.grpc, feed.remove());
    expect(await other.docker.json('/containers/json?all=1')).to.deep.equal([]);
    await other.stop();
  });
});

function idOf(name: string): string {
  return name.padEnd(64, '0');
}

/** Ten seconds after the container before it. */
function eventsOf([name, image, actions]: (typeof CONTAINERS)[number], place: number): Envelope[] {
  return actions.map((text, step) => {
    const [action = '', exitCode] = text.split(' ');
    const extras = exitCode === undefined ? {} : { exitCode };
    const attributes = new Map(Object.entries({ image, name, tier: name, ...extras }));
    const timeNano = BigInt(1_700_000_000 + place * 10 + step) * 1_000_000_000n;
    return recorded({ action, actorId: idOf(name), attributes, timeNano });
  });
}
