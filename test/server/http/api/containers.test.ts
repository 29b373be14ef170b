import { expect } from 'chai';
import { ApiClient } from '../../../support/api-client.js';
import { Container, report } from '../../../support/task-events.js';
import { TestServer } from '../../../support/test-server.js';

interface Listed {
  readonly containers: readonly { readonly id: string; readonly state: string }[];
  readonly runs: readonly { readonly exit_code: number | null; readonly container: object }[];
}

describe('containers and runs over HTTP', () => {
  let server: TestServer;
  let api: ApiClient;

  before(async () => {
    server = await TestServer.start({ http: ['127.0.0.1:0'] });
    api = new ApiClient(server.http);
    const client = server.client();
    const [ended, open] = [new Container('ended'), new Container('open')];
    await report(client, ended.made(), ended.create(1), ended.start(1), ended.exit(1, 137));
    await report(client, open.made(), open.create(2), open.start(2));
  });
  after(() => server.stop());

  async function ask(path: string): Promise<Listed> {
    const { status, body } = await api.get(path);
    expect(status, JSON.stringify(body)).to.equal(200);
    return body as Listed;
  }

  it('lists containers with their state', async () => {
    const { containers } = await ask('/v1/containers');
    const states = Object.fromEntries(containers.map(({ id, state }) => [id, state]));
    expect(states).to.deep.equal({ ended: 'exited', open: 'running' });
  });

  it('lists those that existed at a time, and those that are selected', async () => {
    expect((await ask('/v1/containers?at=10')).containers).to.deep.equal([]);
    expect((await ask('/v1/containers?reference=op')).containers).to.have.length(1);
    expect((await ask('/v1/containers?namespace=other')).containers).to.deep.equal([]);
    expect((await ask('/v1/containers?label=a=b')).containers).to.deep.equal([]);
  });

  it('lists the runs that ended, and those that go on if they are asked for', async () => {
    const { runs } = await ask('/v1/runs');
    expect(runs.map((run) => run.exit_code)).to.deep.equal([137]);
    expect(runs[0]!.container).to.include({ id: 'ended', namespace: 'default' });
    const all = await ask('/v1/runs?open');
    expect(all.runs.map((run) => run.exit_code)).to.have.members([137, null]);
    expect((await ask('/v1/runs?failed&since=1h')).runs).to.deep.equal([]);
  });

  for (const path of ['runs?since=1m&until=2m', 'runs?label==x', 'containers?at=x', 'runs?at=1m']) {
    it(`refuses ${path}`, async () => {
      expect((await api.get(`/v1/${path}`)).status).to.equal(400);
    });
  }
});
