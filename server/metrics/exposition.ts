import type { MetricObject, MetricValue, Registry } from 'prom-client';
import { Buckets } from './buckets.js';
import { METRICS } from './catalog.js';
import type { Metric } from './metric.js';
import { scrape, type MetricSources, type Scrape } from './scrape.js';

/** The metrics in the text format of Prometheus. */
export interface MetricsText {
  readonly contentType: string;
  readonly text: string;
}

/** Gauges of the library with the names of counters. */
const MISNAMED = ['handles', 'requests', 'resources'].map((name) => `nodejs_active_${name}_total`);

/** A metric as the library's registry asks for it. */
type MetricValues = Omit<MetricObject, 'collect' | 'type'> & {
  readonly type: Metric['type'];
  readonly values: readonly MetricValue<string>[];
};

/** Writes the metrics of a broker, with those of its process. */
export class Exposition {
  #registry: Promise<Registry> | undefined;
  #scrape: Scrape | undefined;

  constructor(private readonly sources: MetricSources) {}

  async write(): Promise<MetricsText> {
    this.#registry ??= this.#makeRegistry();
    const registry = await this.#registry;
    this.#scrape = await scrape(this.sources);
    return { contentType: registry.contentType, text: await registry.metrics() };
  }

  /** Loads the library at the first scrape, because many brokers have none. */
  async #makeRegistry(): Promise<Registry> {
    const { Registry, collectDefaultMetrics } = await import('prom-client');
    const registry = new Registry();
    for (const metric of METRICS) {
      const { name } = metric;
      const get = (): Promise<MetricValues> => Promise.resolve(objectOf(metric, this.#scrape));
      // The registry asks a metric for nothing but its name and its values.
      registry.registerMetric({ name, get } as never);
    }
    collectDefaultMetrics({ register: registry });
    for (const name of MISNAMED) registry.removeSingleMetric(name);
    return registry;
  }
}

function objectOf(metric: Metric, found: Scrape | undefined): MetricValues {
  const { name, type, help } = metric;
  const values = found === undefined ? [] : valuesOf(metric, found);
  return { name, type, help, aggregator: 'sum', values };
}

function valuesOf(metric: Metric, found: Scrape): MetricValue<string>[] {
  const { name, labels: names = [] } = metric;
  const read = metric.read(found);
  if (read === undefined) return [];
  if (read instanceof Buckets) return bucketValues(name, read);
  if (typeof read === 'number') return [{ value: read, labels: {} }];
  return read.map(([value, ...labels]) => ({
    value,
    labels: Object.fromEntries(names.map((label, index) => [label, labels[index] ?? ''])),
  }));
}

function bucketValues(name: string, { bounds, counts, sum }: Buckets): MetricValue<string>[] {
  let total = 0;
  const buckets = counts.map((count, index) => {
    total += count;
    const le = String(bounds[index] ?? '+Inf');
    return { value: total, labels: { le }, metricName: `${name}_bucket` };
  });
  return [
    ...buckets,
    { value: sum, labels: {}, metricName: `${name}_sum` },
    { value: total, labels: {}, metricName: `${name}_count` },
  ] as MetricValue<string>[];
}
