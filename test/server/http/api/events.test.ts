import { expect } from 'chai';
import { ApiClient } from '../../../support/api-client.js';
import { SentEvents } from '../../../support/event-source.js';
import { eventually } from '../../../support/eventually.js';
import { TestServer } from '../../../support/test-server.js';

interface Page {
  readonly events: readonly { readonly cursor: string; readonly topic: string }[];
  readonly gaps: readonly unknown[];
  readonly cursor: string;
  readonly next: string;
  readonly complete: boolean;
}

describe('GET /v1/events', () => {
  let server: TestServer;
  let api: ApiClient;

  beforeEach(async () => {
    server = await TestServer.start({ http: ['127.0.0.1:0'] });
    api = new ApiClient(server.http);
  });
  afterEach(() => server.stop());

  async function publish(...topics: string[]): Promise<void> {
    const events = topics.map((topic) => ({
      topic,
      namespace: 'default',
      event: { '@type': 'containerd.events.TaskExit', container_id: 'c1', exit_status: 137 },
    }));
    expect(await api.post('/v1/events', events)).to.have.property('status', 200);
  }

  async function page(path: string): Promise<Page> {
    const { status, body } = await api.get(path);
    expect(status, JSON.stringify(body)).to.equal(200);
    return body as Page;
  }

  const topics = ({ events }: Page): string[] => events.map(({ topic }) => topic);

  describe('as pages', () => {
    it('says where a recorder may have missed events', async () => {
      await publish('/a', '/foghorn/recorder', '/a');
      const path = `/v1/events?gaps=fail&filter=${encodeURIComponent('topic=="/a"')}`;
      const { events, gaps } = await page(path);
      expect(events).to.have.length(2);
      expect(gaps).to.have.length(1);
      expect(gaps[0]).to.include({ reason: 'not recorded', lost_at_most: 0 });
    });

    it('starts with the oldest event and shows every field', async () => {
      await publish('/a');
      const { events, complete, gaps } = await page('/v1/events');
      expect(complete).to.equal(true);
      expect(gaps).to.deep.equal([]);
      expect(events[0]).to.deep.include({
        namespace: 'default',
        topic: '/a',
        event: {
          '@type': 'containerd.events.TaskExit',
          container_id: 'c1',
          id: '',
          pid: 0,
          exit_status: 137,
          exited_at: null,
        },
      });
    });

    it('leads from page to page, and then to what is new', async () => {
      await publish('/a', '/b', '/c');
      const first = await page('/v1/events?limit=2');
      expect(topics(first)).to.deep.equal(['/a', '/b']);
      expect(first.complete).to.equal(false);
      const second = await page(first.next);
      expect(topics(second)).to.deep.equal(['/c']);
      expect(second.complete).to.equal(true);
      expect(topics(await page(second.next))).to.deep.equal([]);
      await publish('/d');
      expect(topics(await page(second.next))).to.deep.equal(['/d']);
    });

    it('leads through kept exits that are more than a page', async () => {
      await server.stop();
      const retention = {
        age: undefined,
        bytes: undefined,
        entries: 1,
        lastingAge: undefined,
        lastingBytes: undefined,
      };
      server = await TestServer.start({ http: ['127.0.0.1:0'], retention }, { trimIntervalMs: 10 });
      api = new ApiClient(server.http);
      await publish('/tasks/exit', '/tasks/exit', '/tasks/exit', '/other');
      await eventually(async () => (await server.client().describe()).keptExitCount === 3n);
      const path = `/v1/events?limit=2&filter=${encodeURIComponent('topic=="/tasks/exit"')}`;
      const first = await page(path);
      expect(topics(first)).to.deep.equal(['/tasks/exit', '/tasks/exit']);
      expect(topics(await page(first.next))).to.deep.equal(['/tasks/exit']);
    });

    it('filters, by namespace too', async () => {
      await publish('/a', '/b');
      await api.post('/v1/events?namespace=other', { topic: '/a' });
      const filter = encodeURIComponent('topic=="/a"');
      expect(topics(await page(`/v1/events?filter=${filter}`))).to.deep.equal(['/a', '/a']);
      const both = `/v1/events?filter=${filter}&filter=${encodeURIComponent('topic=="/b"')}`;
      expect(topics(await page(both))).to.deep.equal(['/a', '/b', '/a']);
      expect(topics(await page(`${both}&namespace=default`))).to.deep.equal(['/a', '/b']);
      const one = '/v1/events?namespace=default&container=c1';
      expect(topics(await page(one))).to.deep.equal(['/a', '/b']);
    });

    it('finds the newest events, however far back', async () => {
      await publish('/rare', ...Array.from({ length: 50 }, (_, index) => `/n${index}`), '/last');
      expect(topics(await page('/v1/events?last=2'))).to.deep.equal(['/n49', '/last']);
      const rare = `/v1/events?last=1&filter=${encodeURIComponent('topic=="/rare"')}`;
      const found = await page(rare);
      expect(topics(found)).to.deep.equal(['/rare']);
      await publish('/rare');
      expect(topics(await page(found.next))).to.deep.equal(['/rare']);
    });

    it('takes times in several forms', async () => {
      await publish('/a');
      for (const since of [
        '10m',
        String(Math.floor(Date.now() / 1000) - 60),
        '2020-01-01T00:00:00Z',
      ]) {
        expect(topics(await page(`/v1/events?since=${since}`)), since).to.deep.equal(['/a']);
      }
      expect(topics(await page('/v1/events?until=2020-01-01T00:00:00Z'))).to.deep.equal([]);
    });

    it('has CloudEvents, that can be published again', async () => {
      await publish('/a');
      const accept = 'application/cloudevents-batch+json';
      const { body, headers } = await api.get('/v1/events', { accept });
      const [event] = body as Record<string, unknown>[];
      expect(event).to.deep.include({
        specversion: '1.0',
        source: '/namespaces/default',
        type: 'containerd.events.TaskExit',
        subject: 'c1',
        topic: '/a',
        namespace: 'default',
      });
      expect(headers.get('link')).to.match(/^<\/v1\/events\?after=.*>; rel="next"$/);
      const again = await api.post('/v1/events', body, { 'content-type': accept });
      expect(again.status).to.equal(200);
      const { events } = await page('/v1/events');
      const [first, second] = events as unknown as Record<string, unknown>[];
      for (const name of ['timestamp', 'namespace', 'topic', 'event']) {
        expect(second![name], name).to.deep.equal(first![name]);
      }
    });

    for (const [query, expected] of [
      ['filter=topic==', /failed parsing subscription filters: /],
      ['sinze=10m', /"sinze": expected one of the parameters filter, namespace/],
      ['since=tomorrow', /since: expected a time such as .*, got "tomorrow"/],
      ['since=1m&until=2m', /until: expected a time that is not before since/],
      ['limit=0', /limit: expected a whole number from 1 to 1000, got "0"/],
      ['last=1001', /last: expected a whole number from 1 to 1000/],
      ['after=x', /"x" is not a cursor/],
      ['after=x&last=1', /after and last: expected one of them/],
      ['follow=true', /follow: expected false for a page/],
      ['container=c1', /namespace: expected the namespace of the container/],
      ['format=xml', /format: expected foghorn or cloudevents, got "xml"/],
      ['gaps=maybe', /gaps: expected continue or fail/],
      ['heartbeat=often', /heartbeat: expected a duration such as/],
    ] as const) {
      it(`refuses ${query}`, async () => {
        const { status, body } = await api.get(`/v1/events?${query}`);
        expect(status).to.equal(400);
        expect(body).to.have.property('code', 'INVALID_ARGUMENT');
        expect((body as Error).message).to.match(expected);
      });
    }

    it('refuses a form that it does not have', async () => {
      const { status, body } = await api.get('/v1/events', { accept: 'application/xml' });
      expect(status).to.equal(400);
      expect((body as Error).message).to.match(/^Accept: expected text\/event-stream, /);
    });
  });

  describe('as server-sent events', () => {
    let stream: SentEvents | undefined;

    afterEach(() => stream?.close());

    async function follow(query = '', headers: Record<string, string> = {}): Promise<SentEvents> {
      stream = await SentEvents.open(`${server.http}/v1/events${query}`, headers);
      return stream;
    }

    const topicsOf = ({ messages }: SentEvents): string[] =>
      (messages as { topic: string }[]).map(({ topic }) => topic);

    it('sends new events, each with its cursor as the id', async () => {
      await publish('/before');
      const { events } = await follow();
      await eventually(() => events.some(({ type }) => type === 'live'));
      await publish('/a', '/b');
      await eventually(() => topicsOf(stream!).length === 2);
      expect(topicsOf(stream!)).to.deep.equal(['/a', '/b']);
      const ids = events.filter(({ type }) => type === 'message').map(({ id }) => id);
      expect(ids).to.deep.equal(
        (stream!.messages as { cursor: string }[]).map(({ cursor }) => cursor),
      );
    });

    it('resumes after the last id, which counts before the query', async () => {
      await publish('/a', '/b', '/c');
      const { events } = await page('/v1/events');
      await follow(`?after=${events[0]!.cursor}`, { 'last-event-id': events[1]!.cursor });
      await eventually(() => topicsOf(stream!).length === 1);
      expect(topicsOf(stream!)).to.deep.equal(['/c']);
    });

    it('starts with the newest events, and goes on without a loss', async () => {
      await publish('/a', '/b', '/c');
      await follow('?last=2');
      await publish('/d');
      await eventually(() => topicsOf(stream!).length === 3);
      expect(topicsOf(stream!)).to.deep.equal(['/b', '/c', '/d']);
    });

    it('shows the newest events once, not again to a browser that connects again', async () => {
      await publish('/a', '/b', '/c');
      const { events } = await page('/v1/events');
      await follow('?last=3', { 'last-event-id': events[1]!.cursor });
      await eventually(() => topicsOf(stream!).length > 0);
      await publish('/d');
      await eventually(() => topicsOf(stream!).includes('/d'));
      expect(topicsOf(stream!)).to.deep.equal(['/c', '/d']);
    });

    it('shows signs of life, and moves the last id past what is filtered out', async () => {
      await follow(`?heartbeat=100ms&filter=${encodeURIComponent('topic=="/wanted"')}`);
      await eventually(() => stream!.comments >= 1);
      const before = stream!.lastId;
      await publish('/other');
      await eventually(() => stream!.lastId !== before);
      expect(stream!.messages).to.deep.equal([]);
      const { cursor } = await page('/v1/events');
      expect(stream!.lastId).to.equal(cursor);
    });

    it('reports a gap, and goes on after it', async () => {
      await publish('/a');
      await server.stop();
      const { cursor } = { cursor: stream?.lastId ?? 'AbcdabcdabcdAAAAAAABAAAAAA' };
      server = await TestServer.start({ http: ['127.0.0.1:0'] });
      api = new ApiClient(server.http);
      await publish('/b');
      const other = Buffer.from(cursor, 'base64url');
      other[0] = 1;
      await follow(`?after=${other.toString('base64url')}`);
      await eventually(() => topicsOf(stream!).length === 1);
      expect(stream!.ofType('gap')[0]).to.include({ reason: 'store recreated', lost_at_most: 0 });
      expect(topicsOf(stream!)).to.deep.equal(['/b']);
      const refused = await api.get(`/v1/events?gaps=fail&after=${other.toString('base64url')}`);
      expect(refused.status).to.equal(410);
      expect(refused.body).to.have.property('code', 'OUT_OF_RANGE');
    });

    it('ends after its limit, with a sign that says so', async () => {
      await publish('/a', '/b');
      await follow('?since=1h&limit=1');
      expect(await stream!.ended).to.equal('end');
      expect(topicsOf(stream!)).to.deep.equal(['/a']);
      expect(stream!.ofType('end')[0]).to.have.property('reason', 'complete');
    });

    it('ends without a sign when the broker drains, so that a browser connects again', async () => {
      await follow();
      await eventually(() => stream!.events.length === 1);
      await server.drain();
      expect(await stream!.ended).to.equal('end');
      expect(stream!.ofType('end')).to.deep.equal([]);
    });

    it('keeps no more for a client that does not read than its window', async () => {
      const wide = 'x'.repeat(60_000);
      const { hostname, port } = new URL(server.http);
      const { connect } = await import('node:net');
      const slow = connect(Number(port), hostname);
      slow.pause();
      slow.write('GET /v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n');
      const readers = async () =>
        (await api.get('/v1/readers')).body as { readers: { state: string; lag: number }[] };
      await eventually(async () => (await readers()).readers.length === 1);
      for (let count = 0; count < 6; count++) {
        const events = Array.from({ length: 100 }, () => ({
          topic: '/wide',
          namespace: 'default',
          event: { type_url: 'x', value: Buffer.from(wide).toString('base64') },
        }));
        expect((await api.post('/v1/events', events)).status).to.equal(200);
      }
      await eventually(async () => (await readers()).readers[0]?.state === 'reading');
      expect((await readers()).readers[0]?.lag).to.be.greaterThan(100);
      slow.destroy();
      await eventually(async () => (await readers()).readers.length === 0);
    });
  });

  describe('as lines', () => {
    it('sends the past and ends, or follows', async () => {
      await publish('/a', '/b');
      const accept = { accept: 'application/x-ndjson' };
      const past = await fetch(`${server.http}/v1/events`, { headers: accept });
      expect(past.headers.get('content-type')).to.equal('application/x-ndjson');
      const lines = (await past.text())
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as object);
      expect(lines.map((line) => Object.keys(line)[0])).to.deep.equal(['cursor', 'cursor', 'end']);
      const live = await fetch(`${server.http}/v1/events?follow&format=cloudevents`, {
        headers: accept,
      });
      await publish('/c');
      let text = '';
      for await (const bytes of live.body as unknown as AsyncIterable<Uint8Array>) {
        text += Buffer.from(bytes).toString();
        if (text.includes('"/c"')) break;
      }
      expect(text).to.include('"specversion":"1.0"');
    });
  });
});
