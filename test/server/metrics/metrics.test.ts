import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ApiClient } from '../../support/api-client.js';
import { DockerClient } from '../../support/docker/docker-client.js';
import { exitEnvelope } from '../../support/envelopes.js';
import { forward, RawTtrpc } from '../../support/raw-ttrpc.js';
import { forwardAll } from '../../support/history-seed.js';
import { envelopeOf, Container } from '../../support/task-events.js';
import { TestServer } from '../../support/test-server.js';
import { eventually } from '../../support/eventually.js';
import { ScrapedMetrics, scrapeMetrics } from '../../support/scraped-metrics.js';

describe('metrics', () => {
  let server: TestServer;

  beforeEach(async () => {
    server = await TestServer.start({ http: ['127.0.0.1:0'] });
  });
  afterEach(() => server.stop());

  it('count events by namespace and topic, duplicates, calls and commits', async () => {
    const client = server.client();
    const envelope = envelopeOf(new Container('c1').exit(1, 0));
    await client.forward(envelope);
    await client.forward(envelope);
    await client.publish('no slash', undefined).catch(() => undefined);
    const metrics = await scrapeMetrics(server.http);
    const labels = { namespace: 'default', topic: '/tasks/exit' };
    expect(metrics.value('foghorn_events_stored_total', labels)).to.equal(1);
    expect(metrics.value('foghorn_duplicates_total')).to.equal(1);
    const method = '/containerd.services.events.v1.Events/Publish';
    const refused = { protocol: 'grpc', method, status: '3' };
    expect(metrics.value('foghorn_calls_total', refused)).to.equal(1);
    expect(metrics.value('foghorn_append_duration_seconds_count')).to.equal(2);
    expect(metrics.value('foghorn_history_entries')).to.equal(1);
    expect(metrics.value('foghorn_ready')).to.equal(1);
    expect(metrics.value('process_cpu_seconds_total')).to.be.greaterThan(0);
  });

  it('count calls of every protocol, and refused events by code', async () => {
    const client = server.client();
    await client.publish('no slash', undefined).catch(() => undefined);
    const event = { topic: 'no slash', namespace: 'n' };
    await new ApiClient(server.http).post('/v1/events', event);
    const ttrpc = await RawTtrpc.open(server.ttrpcSocket);
    ttrpc.send(forward(1, exitEnvelope(1)), forward(3, exitEnvelope(1, { topic: 'no slash' })));
    await ttrpc.answers(2);
    ttrpc.socket.destroy();
    const docker = new DockerClient(server.dockerSocket);
    await docker.ask('GET', '/containers/c1/json');
    docker.close();
    await eventually(async () => {
      const metrics = await scrapeMetrics(server.http);
      const calls = (protocol: string, method: string, status: string): number | undefined =>
        metrics.value('foghorn_calls_total', { protocol, method, status });
      const service = '/containerd.services.events.ttrpc.v1.Events/Forward';
      return (
        metrics.value('foghorn_events_refused_total', { code: 'INVALID_ARGUMENT' }) === 3 &&
        calls('http', '/v1/events', '400') === 1 &&
        calls('ttrpc', service, '0') === 1 &&
        calls('ttrpc', service, '3') === 1 &&
        calls('docker', '/containers/{name}/json', '404') === 1
      );
    });
  });

  it('show waits for exits while they are open', async () => {
    const client = server.client();
    await client.forward(envelopeOf(new Container('c1').start(7)));
    const waits = async (): Promise<number | undefined> =>
      (await scrapeMetrics(server.http)).value('foghorn_waits_open');
    expect(await waits()).to.equal(0);
    const container = { namespace: 'default', containerId: 'c1' };
    const exit = client.wait({ container });
    await eventually(async () => (await waits()) === 1);
    await client.forward(envelopeOf(new Container('c1').exit(7, 0)));
    await exit;
    expect(await waits()).to.equal(0);
  });

  it('show subscribers, and how far the slowest one is behind', async () => {
    const stream = server.client().subscribe();
    await eventually(async () => {
      const metrics = await scrapeMetrics(server.http);
      return metrics.value('foghorn_subscribers', { state: 'live' }) === 1;
    });
    const metrics = await scrapeMetrics(server.http);
    expect(metrics.value('foghorn_slowest_subscriber_lag_entries')).to.equal(0);
    expect(metrics.value('foghorn_slowest_subscriber_lag_seconds')).to.equal(0);
    stream.cancel();
  });

  it('have a bounded number of series, whatever callers send', async () => {
    const client = server.client();
    const envelopes = Array.from({ length: 10_000 }, (_, at) =>
      envelopeOf(new Container(`c${at}`).oom(), {
        topic: `/topic/${at}`,
        namespace: `n${at % 100}`,
      }),
    );
    await forwardAll(client, envelopes);
    for (let at = 0; at < 20; at++) await fetch(`${server.http}/no/such/${at}`);
    const metrics = await scrapeMetrics(server.http);
    expect(metrics.series('foghorn_events_stored_total')).to.be.at.most(201);
    expect(metrics.sum('foghorn_events_stored_total')).to.equal(10_000);
    expect(metrics.series('foghorn_calls_total')).to.be.at.most(20);
  });

  it('count callers without a valid identity', async () => {
    const access = join(server.directory, 'access.yaml');
    const sha256 = createHash('sha256').update('secret').digest('hex');
    writeFileSync(
      access,
      `roles: { all: { read: ["*"] } }
grants: [{ role: all, to: [ops] }]
tokens: [{ name: ops, sha256: ${sha256} }]
local: []
`,
    );
    const guarded = await TestServer.start({ http: ['127.0.0.1:0'], access });
    const scrape = (token: string): Promise<Response> =>
      fetch(`${guarded.http}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    const before = new ScrapedMetrics(await (await scrape('secret')).text());
    expect(before.value('foghorn_callers_refused_total')).to.equal(0);
    expect((await scrape('guess')).status).to.equal(401);
    const after = new ScrapedMetrics(await (await scrape('secret')).text());
    expect(after.value('foghorn_callers_refused_total')).to.equal(1);
    await guarded.stop();
  });
});
