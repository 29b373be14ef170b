import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { connect } from '../../../../client/index.js';
import { ApiClient } from '../../../support/api-client.js';
import { KEEP_ALL } from '../../../support/broker-over-store.js';
import { TestServer } from '../../../support/test-server.js';
import { attachRecorder, AWAY, startObserved } from '../../../support/troubles.js';

interface Histogram {
  readonly counts: readonly number[];
}

const countOf = ({ counts }: Histogram): number => counts.reduce((sum, each) => sum + each, 0);

describe('what the HTTP API says to operators', () => {
  let server: TestServer;
  let api: ApiClient;

  async function start(options: Parameters<typeof startObserved>[0] = {}): Promise<void> {
    server = await startObserved(options);
    api = new ApiClient(server.http);
  }
  afterEach(() => server.stop());

  it('includes the time of commits, the disk and the headroom of an embedded store', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'foghorn-operations-'));
    const retention = { ...KEEP_ALL, bytes: 1_000_000 };
    await start({ store: `lmdb:${directory}/store`, retention });
    for (let at = 0; at < 3; at++) await api.post('/v1/events', { topic: '/a', namespace: 'n' });
    const { body } = await api.get('/v1/broker');
    const activity = body as {
      append_seconds: Histogram;
      flush_seconds: Histogram;
      redis: object | null;
      disk: { free: number; size: number };
      headroom_seconds: number;
      open_waits: number;
    };
    expect(countOf(activity.append_seconds)).to.equal(3);
    expect(countOf(activity.flush_seconds)).to.equal(3);
    expect(activity.redis).to.equal(null);
    expect(activity.disk.size).to.be.at.least(activity.disk.free);
    expect(activity.headroom_seconds).to.be.greaterThan(0);
    expect(activity.open_waits).to.equal(0);
    await server.drain();
    rmSync(directory, { recursive: true });
  });

  it('includes recorders, those that have gone too', async () => {
    await start();
    const recorders = async (): Promise<unknown> =>
      ((await api.get('/v1/recorders')).body as { recorders: object[] }).recorders.map((each) => ({
        ...each,
        since: undefined,
      }));
    expect(await recorders()).to.deep.equal([]);
    const detach = await attachRecorder(server);
    const nothing = { since: undefined, reason: null, missed_spans: null, spool: null };
    const recorder = { kind: 'docker', namespace: 'moby', ...nothing };
    expect(await recorders()).to.deep.equal([{ ...recorder, state: 'attached' }]);
    await detach();
    expect(await recorders()).to.deep.equal([{ ...recorder, state: 'gone' }]);
  });

  it('includes why and since when a recorder does not follow its daemon, and its spool', async () => {
    await start();
    const detach = await attachRecorder(server, AWAY);
    expect((await api.get('/v1/recorders')).body).to.deep.equal({
      recorders: [
        {
          kind: 'docker',
          namespace: 'moby',
          state: 'daemon_away',
          since: '2023-11-14T22:13:20.000000000Z',
          reason: 'cannot reach it',
          missed_spans: 2,
          spool: { entries: 3, bytes: 400, oldest: '2020-09-13T12:26:40.000000000Z' },
        },
      ],
    });
    await detach();
  });

  it('includes durable consumers', async () => {
    await start();
    const client = connect({ address: server.address, namespace: 'n' });
    await client.consumers.create('mail', { filters: ['topic=="/a"'] });
    await api.post('/v1/events', { topic: '/a', namespace: 'n' });
    const { consumers } = (await api.get('/v1/consumers')).body as { consumers: object[] };
    expect(consumers).to.have.lengthOf(1);
    expect(consumers[0]).to.include({ name: 'mail', members: 0, lag: 1, parked: 0, paused: '' });
    await client.close();
  });

  for (const path of ['/v1/broker', '/v1/recorders', '/v1/consumers']) {
    it(`refuses a query on ${path}`, async () => {
      await start();
      const { status, body } = await api.get(`${path}?x=1`);
      expect(status).to.equal(400);
      expect(body).to.have.property('message').that.contains('"x": expected no parameter');
    });
  }
});
