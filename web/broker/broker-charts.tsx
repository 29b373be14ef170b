import { formatBytes, formatLatency, formatShort } from '../shell/number-text.js';
import { Chart } from './chart.js';
import { quantile, sum } from './prometheus-text.js';
import { rate, series, useScrapes, type TimedScrape } from './scrapes.js';

/** Lines over the time since the view was opened, from the broker's metrics. */
export function BrokerCharts() {
  const scrapes = useScrapes();
  const times = scrapes.all.map(({ time }) => time);
  const counted = (name: string) => (current: TimedScrape, before: TimedScrape | undefined) =>
    rate(current, before, (scrape) => sum(scrape, name));
  const gauge =
    (name: string, labels: Readonly<Record<string, string>> = {}) =>
    ({ scrape }: TimedScrape) =>
      sum(scrape, name, (found) =>
        Object.entries(labels).every(([label, value]) => found[label] === value),
      );
  const latency = (share: number) => (current: TimedScrape, before: TimedScrape | undefined) =>
    before && quantile(before.scrape, current.scrape, 'foghorn_append_duration_seconds', share);
  return (
    <>
      <Chart
        title="Events per second"
        times={times}
        format={formatShort}
        lines={[
          { label: 'stored', values: series(scrapes, counted('foghorn_events_stored_total')) },
          { label: 'refused', values: series(scrapes, counted('foghorn_events_refused_total')) },
        ]}
      />
      <Chart
        title="Time to store"
        times={times}
        format={formatLatency}
        lines={[
          { label: 'p50', values: series(scrapes, latency(0.5)) },
          { label: 'p99', values: series(scrapes, latency(0.99)) },
        ]}
      />
      <Chart
        title="Readers"
        times={times}
        format={formatShort}
        lines={[
          {
            label: 'live',
            values: series(scrapes, gauge('foghorn_subscribers', { state: 'live' })),
          },
          {
            label: 'reading',
            values: series(scrapes, gauge('foghorn_subscribers', { state: 'reading' })),
          },
        ]}
      />
      <Chart
        title="Disk"
        times={times}
        format={formatBytes}
        lines={[
          { label: 'used', values: series(scrapes, gauge('foghorn_store_bytes')) },
          { label: 'free', values: series(scrapes, gauge('foghorn_disk_free_bytes')) },
        ]}
      />
    </>
  );
}
