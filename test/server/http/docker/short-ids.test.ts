import { expect } from 'chai';
import { DockerServer } from '../../../support/docker/docker-server.js';
import { Container, report, type Happening } from '../../../support/task-events.js';

/** Docker clients cut ids to 12 characters, and those written in Go panic at shorter ones. */
describe("a container of containerd whose id is shorter than Docker's", () => {
  let server: DockerServer;
  const PADDED = 'web_________';
  const web = new Container('web');
  const other = new Container('web2');

  beforeEach(async () => {
    server = await DockerServer.start();
    await happen(web.made(), web.start(7), other.made(), other.start(8));
  });
  afterEach(() => server.stop());

  const happen = (...happenings: Happening[]): Promise<void> => report(server.grpc, ...happenings);

  async function shown(path: string, query: Record<string, string> = {}): Promise<string[]> {
    const list = (await server.docker.json(path, { query })) as readonly { readonly Id: string }[];
    return list.map(({ Id }) => Id).sort();
  }

  const inspectedId = async (name: string): Promise<string> =>
    ((await server.docker.json(`/containers/${name}/json`)) as { readonly Id: string }).Id;

  async function eventIds(filters: object): Promise<string[]> {
    const query = { since: '0', stream: '0', filters: JSON.stringify(filters) };
    const lines = await server.docker.events(query).toEnd();
    const events = lines.map((line) => JSON.parse(line) as { id: string; Actor: { ID: string } });
    for (const { id, Actor } of events) expect(Actor.ID).to.equal(id);
    return [...new Set(events.map(({ id }) => id))].sort();
  }

  it('has a padded id in the list, when inspected, and in events', async () => {
    expect(await shown('/containers/json')).to.deep.equal(['web2________', PADDED]);
    expect(await inspectedId('web')).to.equal(PADDED);
    expect(await eventIds({})).to.deep.equal(['web2________', PADDED]);
  });

  for (const reference of ['web', PADDED, 'web____', 'web_']) {
    it(`is found by ${reference}`, async () => {
      expect(await inspectedId(reference)).to.equal(PADDED);
    });
  }

  it('is waited for by its padded id', async () => {
    const wait = server.docker.wait(PADDED, { condition: 'next-exit' });
    await wait.head;
    await happen(web.exit(7, 3));
    expect(await wait.text()).to.equal('{"StatusCode":3}\n');
  });

  for (const reference of ['we_', 'web1_', 'web_2', `${PADDED}_`, '____________']) {
    it(`is not found by ${reference}`, async () => {
      const { status } = await server.docker.ask('GET', `/containers/${reference}/json`);
      expect(status).to.equal(404);
    });
  }

  it('passes filters by its padded id, and other containers do not', async () => {
    expect(await shown('/containers/json', { filters: `{"id":["${PADDED}"]}` })).to.deep.equal([
      PADDED,
    ]);
    expect(await eventIds({ container: [PADDED] })).to.deep.equal([PADDED]);
    expect(await eventIds({ container: ['web_'] })).to.deep.equal([PADDED]);
    expect(await eventIds({ container: ['web'] })).to.deep.equal(['web2________', PADDED]);
    expect(await eventIds({ container: ['we_'] })).to.deep.equal([]);
  });

  it('is followed live by its padded id', async () => {
    const filters = JSON.stringify({ container: [PADDED], event: ['die'] });
    const stream = server.docker.events({ filters });
    await stream.head;
    await happen(other.exit(8, 4));
    await happen(web.exit(7, 3));
    const [line = ''] = await stream.when(({ length }) => length > 0);
    expect(JSON.parse(line)).to.deep.nested.include({ id: PADDED, 'Actor.ID': PADDED });
    stream.cancel();
  });
});
