import { expect } from 'chai';
import { ApiClient } from '../../../support/api-client.js';
import { eventually } from '../../../support/eventually.js';
import { Container, report } from '../../../support/task-events.js';
import { TestServer } from '../../../support/test-server.js';
import { PATHS } from '../../../../server/http/api/openapi/paths.js';

describe('the HTTP API', () => {
  let server: TestServer;
  let api: ApiClient;

  before(async () => {
    server = await TestServer.start({ http: ['127.0.0.1:0'] });
    api = new ApiClient(server.http);
  });
  after(() => server.stop());

  it('describes the history', async () => {
    await api.post('/v1/events', { topic: '/a', namespace: 'default' });
    const { body } = await api.get('/v1/describe');
    expect(body).to.include({ store: 'memory:', durability: 'memory', entry_count: 1 });
  });

  it('lists readers with their state and lag', async () => {
    const stream = server.client().subscribe();
    await eventually(async () => {
      const { body } = await api.get('/v1/readers');
      const { readers } = body as { readers: { state: string; lag: number }[] };
      return readers.length === 1 && readers[0]!.state === 'live' && readers[0]!.lag === 0;
    });
    stream.cancel();
    await eventually(async () => {
      const { body } = await api.get('/v1/readers');
      return (body as { readers: object[] }).readers.length === 0;
    });
  });

  it('serves its OpenAPI document, which describes every path', async () => {
    const answer = await fetch(`${server.http}/v1/openapi.json`);
    const document = (await answer.json()) as { openapi: string; paths: object };
    expect(document.openapi).to.equal('3.1.0');
    expect(document.paths).to.deep.equal(JSON.parse(JSON.stringify(PATHS)));
  });

  describe('a wait for an exit', () => {
    const path = '/v1/containers/default/c1/wait';

    it('answers at once when the run has ended, and with nothing when the time is over', async () => {
      const container = new Container('c1');
      const client = server.client();
      await report(client, container.create(7), container.start(7));
      expect((await api.get(`${path}?timeout=50ms`)).status).to.equal(204);
      const waiting = api.get(path);
      await report(client, container.exit(7, 137));
      const { status, body } = await waiting;
      expect(status).to.equal(200);
      expect(body).to.include({ exit_code: 137, pid: 7 });
      expect((await api.get(path)).body).to.deep.equal(body);
      expect((await api.get(`${path}?next&timeout=50ms`)).status).to.equal(204);
      expect((await api.get(`${path}?pid=7`)).body).to.deep.equal(body);
    });

    for (const query of ['pid=0', 'pid=1&next', 'after=x', 'timeout=long', 'tiemout=1s']) {
      it(`refuses ${query}`, async () => {
        expect((await api.get(`${path}?${query}`)).status).to.equal(400);
      });
    }
  });
});
