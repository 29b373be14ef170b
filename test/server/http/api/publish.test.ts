import { expect } from 'chai';
import { ApiClient } from '../../../support/api-client.js';
import { TestServer } from '../../../support/test-server.js';

const OOM = { '@type': 'containerd.events.TaskOOM', container_id: 'c1' };
const CLOUD_EVENT = {
  specversion: '1.0',
  id: '1',
  source: '/host/1',
  type: 'containerd.events.TaskOOM',
  time: '2026-01-02T03:04:05.000000006Z',
  topic: '/tasks/oom',
  namespace: 'default',
  data: { container_id: 'c1' },
};

describe('POST /v1/events', () => {
  let server: TestServer;
  let api: ApiClient;

  before(async () => {
    server = await TestServer.start({ http: ['127.0.0.1:0'] });
    api = new ApiClient(server.http);
  });
  after(() => server.stop());

  async function newest(): Promise<Record<string, unknown>> {
    const { body } = await api.get('/v1/events?last=1');
    return (body as { events: Record<string, unknown>[] }).events[0]!;
  }

  it('stores an event of a known type, and answers with its cursor', async () => {
    const { status, body } = await api.post('/v1/events', {
      topic: '/tasks/oom',
      namespace: 'default',
      event: OOM,
    });
    expect(status).to.equal(200);
    const stored = await newest();
    expect(body).to.deep.equal({ cursor: stored.cursor, duplicate: false });
    expect(stored.event).to.deep.equal(OOM);
  });

  it('stores bytes of any type, and an event without a payload', async () => {
    const event = { type_url: 'example.Own', value: 'AAEC' };
    await api.post('/v1/events?namespace=default', { topic: '/own', event });
    expect((await newest()).event).to.deep.equal(event);
    await api.post('/v1/events?namespace=default', { topic: '/own' });
    expect(await newest()).to.not.have.property('event');
  });

  it('keeps a timestamp, and recognizes a duplicate by its id or by its content', async () => {
    const timestamp = '2020-01-02T03:04:05.000000006Z';
    const event = { topic: '/a', namespace: 'default', timestamp };
    for (const sent of [event, { ...event, id: 'x' }]) {
      expect((await api.post('/v1/events', sent)).body).to.have.property('duplicate', false);
      expect(await newest()).to.have.property('timestamp', timestamp);
      expect((await api.post('/v1/events', sent)).body).to.have.property('duplicate', true);
    }
  });

  it('stores the good ones of many events, and says what was wrong with the others', async () => {
    const { status, body } = await api.post('/v1/events?namespace=default', [
      { topic: '/a' },
      { topic: 'a' },
      { topic: '/a', event: { '@type': 'containerd.events.TaskOOM', container: 'c1' } },
      { topic: '/b' },
    ]);
    expect(status).to.equal(200);
    const { results } = body as { results: Record<string, unknown>[] };
    expect(results.map((result) => result.code)).to.deep.equal([
      undefined,
      'INVALID_ARGUMENT',
      'INVALID_ARGUMENT',
      undefined,
    ]);
    expect(results[2]!.message).to.match(/^event.container: expected one of the fields of/);
  });

  for (const [body, status, message] of [
    ['{', 400, /^body: expected JSON/],
    ['7', 400, /^event: expected an object, got 7/],
    [{ topic: '/a' }, 409, /namespace is required/],
    [{ topic: '/a', namespace: 'a b' }, 400, /namespace validation/],
    [{ topic: '/a', namespace: 'd', id: 7 }, 400, /^id: expected a string, got 7/],
    [{ topic: '/a', namespace: 'd', id: 'x'.repeat(65) }, 400, /publish id: expected at most 64/],
    [{ topic: '/a', namespace: 'd', event: { '@type': 'no.Such' } }, 400, /expected a known type/],
    [[{ topic: 'a' }], 409, undefined],
  ] as const) {
    it(`refuses ${JSON.stringify(body).slice(0, 60)}`, async () => {
      const answer = await api.post('/v1/events', body);
      expect(answer.status).to.equal(status);
      if (message !== undefined) expect((answer.body as Error).message).to.match(message);
    });
  }

  it('refuses a body of another type, and one that is too large', async () => {
    const other = await api.post('/v1/events', 'topic=a', { 'content-type': 'text/plain' });
    expect(other.status).to.equal(400);
    expect((other.body as Error).message).to.match(/^Content-Type: expected application\/json/);
    const large = await api.post('/v1/events', 'x'.repeat(17 * 1024 * 1024));
    expect(large.status).to.equal(400);
    expect((large.body as Error).message).to.match(/^body: expected at most/);
  });

  describe('CloudEvents', () => {
    const structured = { 'content-type': 'application/cloudevents+json; charset=utf-8' };

    it('stores a structured event once, with its time', async () => {
      const first = await api.post('/v1/events', CLOUD_EVENT, structured);
      expect(first).to.deep.include({ status: 200 });
      expect(first.body).to.have.property('duplicate', false);
      expect(await newest()).to.deep.include({
        timestamp: CLOUD_EVENT.time,
        namespace: 'default',
        topic: '/tasks/oom',
        event: OOM,
      });
      const again = await api.post('/v1/events', CLOUD_EVENT, structured);
      expect(again.body).to.have.property('duplicate', true);
      const other = await api.post('/v1/events', { ...CLOUD_EVENT, source: '/host/2' }, structured);
      expect(other.body).to.have.property('duplicate', false);
    });

    it('stores a binary event, with JSON or with bytes', async () => {
      const headers = {
        'ce-specversion': '1.0',
        'ce-id': 'binary',
        'ce-source': '/host/1',
        'ce-type': 'containerd.events.TaskOOM',
        'ce-topic': '/tasks/oom',
        'ce-namespace': 'default',
      };
      const json = await api.post('/v1/events', { container_id: 'c1' }, headers);
      expect(json.body).to.have.property('duplicate', false);
      expect((await newest()).event).to.deep.equal(OOM);
      const init = { 'ce-id': 'bytes', 'content-type': 'application/protobuf' };
      const bytes = await api.ask('POST', '/v1/events', {
        headers: { ...headers, ...init },
        body: Buffer.from('0a026331', 'hex'),
      });
      expect(bytes.body).to.have.property('duplicate', false);
      expect((await newest()).event).to.deep.equal(OOM);
    });

    it('answers each event of a batch', async () => {
      const { status, body } = await api.post(
        '/v1/events',
        [
          { ...CLOUD_EVENT, id: 'b1' },
          { ...CLOUD_EVENT, id: 'b2', source: '' },
        ],
        { 'content-type': 'application/cloudevents-batch+json' },
      );
      expect(status).to.equal(200);
      const { results } = body as { results: Record<string, unknown>[] };
      expect(results[0]).to.have.property('duplicate', false);
      expect(results[1]).to.have.property('code', 'INVALID_ARGUMENT');
    });

    it('says what an event lacks', async () => {
      const without = { ...CLOUD_EVENT, topic: undefined };
      const noTopic = await api.post('/v1/events', without, structured);
      expect(noTopic.status).to.equal(400);
      expect((noTopic.body as Error).message).to.match(/^topic: expected the extension attribute/);
      const noId = await api.post('/v1/events', { ...CLOUD_EVENT, id: '' }, structured);
      expect(noId.status).to.equal(400);
      expect((noId.body as Error).message).to.match(/^CloudEvent: /);
      const notBatch = await api.post('/v1/events', CLOUD_EVENT, {
        'content-type': 'application/cloudevents-batch+json',
      });
      expect((notBatch.body as Error).message).to.equal('body: expected an array of CloudEvents');
    });
  });
});
