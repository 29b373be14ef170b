import { expect } from 'chai';
import { ApiClient } from '../../support/api-client.js';
import { eventually } from '../../support/eventually.js';
import { RedisServer } from '../../support/redis/redis-server.js';
import { scrapeMetrics } from '../../support/scraped-metrics.js';
import { startObserved } from '../../support/troubles.js';

describe('a broker whose Redis is away', () => {
  it('says so once in its log, and in metrics and /readyz while it lasts', async () => {
    const redis = await RedisServer.start();
    const server = await startObserved({ store: redis.url });
    const api = new ApiClient(server.http);
    const publish = () => api.post('/v1/events?namespace=n', { topic: '/a' });
    expect((await publish()).status).to.equal(200);
    await redis.kill();
    expect((await publish()).status).to.equal(503);
    const away = await api.get('/readyz');
    expect(away.status).to.equal(503);
    expect(JSON.stringify(away.body)).to.contain(`127.0.0.1:${redis.port}`);
    const metrics = await scrapeMetrics(server.http);
    expect(metrics.value('foghorn_ready')).to.equal(0);
    expect(metrics.value('foghorn_not_ready', { source: 'history' })).to.equal(1);
    expect(metrics.value('foghorn_commits_failed_total', { code: 'UNAVAILABLE' })).to.equal(1);
    await redis.restart();
    await eventually(async () => (await api.get('/readyz')).status === 200);
    const after = await scrapeMetrics(server.http);
    expect(after.value('foghorn_redis_reconnects_total')).to.be.at.least(1);
    expect(after.value('foghorn_redis_round_trip_seconds_count')).to.be.at.least(1);
    const activity = (await api.get('/v1/broker')).body as { redis: { reconnects: number } };
    expect(activity.redis.reconnects).to.be.at.least(1);
    const trouble = server.logged.filter((line) => line.startsWith('history: '));
    expect(trouble[0]).to.match(/^history: nothing can be stored for now: /);
    expect(trouble[1]).to.equal('history: events can be stored again');
    expect(trouble).to.have.lengthOf(2);
    await server.stop();
    await redis.stop();
  });
});
