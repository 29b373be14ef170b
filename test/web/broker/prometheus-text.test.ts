import { expect } from 'chai';
import { Registry, Counter, Histogram } from 'prom-client';
import { parsePrometheus, quantile, sum } from '../../../web/broker/prometheus-text.js';

describe('Prometheus text', () => {
  it('is read as prom-client writes it', async () => {
    const registry = new Registry();
    const counter = new Counter({
      name: 'events_total',
      help: 'Events.',
      labelNames: ['topic'],
      registers: [registry],
    });
    counter.inc({ topic: '/a"b\\c\n' }, 3);
    counter.inc({ topic: '/b' }, 4);
    const scrape = parsePrometheus(await registry.metrics());
    expect(scrape.get('events_total')?.map(({ labels }) => labels.topic)).to.deep.equal([
      '/a"b\\c\n',
      '/b',
    ]);
    expect(sum(scrape, 'events_total')).to.equal(7);
    expect(sum(scrape, 'events_total', ({ topic }) => topic === '/b')).to.equal(4);
    expect(sum(scrape, 'nothing')).to.equal(undefined);
  });

  it('has quantiles of what was counted since an earlier scrape', async () => {
    const registry = new Registry();
    const histogram = new Histogram({
      name: 'latency_seconds',
      help: 'Latency.',
      buckets: [1, 2, 4],
      registers: [registry],
    });
    histogram.observe(3.9);
    const before = parsePrometheus(await registry.metrics());
    for (let i = 0; i < 10; i++) histogram.observe(1.5);
    const after = parsePrometheus(await registry.metrics());
    expect(quantile(before, after, 'latency_seconds', 0.5)).to.equal(1.5);
    expect(quantile(after, after, 'latency_seconds', 0.5)).to.equal(undefined);
    expect(quantile(undefined, before, 'latency_seconds', 1)).to.equal(4);
  });
});
