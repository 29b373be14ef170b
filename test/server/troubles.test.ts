import { expect } from 'chai';
import { eventually } from '../support/eventually.js';
import { scrapeMetrics } from '../support/scraped-metrics.js';
import { SentEvents } from '../support/event-source.js';
import { ApiClient } from '../support/api-client.js';
import { TestServer } from '../support/test-server.js';

const TRIM_ALL = {
  age: undefined,
  bytes: undefined,
  entries: 1,
  lastingAge: undefined,
  lastingBytes: undefined,
};

describe('troubles that an operator sees', () => {
  it('shows a reader that retention has overtaken', async () => {
    const server = await TestServer.start(
      { http: ['127.0.0.1:0'], retention: TRIM_ALL },
      { trimIntervalMs: 10 },
    );
    const api = new ApiClient(server.http);
    const first = await api.post('/v1/events?namespace=n', { topic: '/first' });
    const { cursor } = first.body as { cursor: string };
    await api.post('/v1/events?namespace=n', [{ topic: '/a' }, { topic: '/b' }]);
    await eventually(async () => {
      const metrics = await scrapeMetrics(server.http);
      return metrics.value('foghorn_history_trimmed_entries_total') === 2;
    });
    const reader = await SentEvents.open(`${server.http}/v1/events?after=${cursor}`);
    await eventually(() => reader.ofType('gap').length === 1);
    const metrics = await scrapeMetrics(server.http);
    expect(metrics.value('foghorn_gaps_total', { reason: 'trimmed' })).to.equal(1);
    await reader.close();
    await server.stop();
  });
});
