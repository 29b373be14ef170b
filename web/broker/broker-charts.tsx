import type { ApiActivity, ApiHistogram } from '../api/broker.js';
import { formatBytes, formatSeconds, formatShort } from '../shell/number-text.js';
import { storedRate, type BrokerSample } from './broker-samples.js';
import { Chart } from './chart.js';
import { quantile } from './quantile.js';

/** Powers of two, so that an axis has round numbers of KiB, MiB and GiB. */
const BYTE_STEPS = Array.from({ length: 45 }, (_, power) => 2 ** power);

/** Lines over the time since the view was opened. */
export function BrokerCharts({ samples }: { samples: readonly BrokerSample[] }) {
  const times = samples.map(({ time }) => time);
  const readersIn = (state: 'live' | 'reading'): (number | null)[] =>
    samples.map(
      ({ readers }) => readers?.filter((reader) => reader.state === state).length ?? null,
    );
  const isInRedis = samples.some(({ activity }) => activity?.redis);
  return (
    <>
      <Chart
        title="Events per second"
        times={times}
        format={formatShort}
        lines={[
          {
            label: 'stored',
            values: samples.map((sample, i) => storedRate(sample, samples[i - 1]) ?? null),
          },
        ]}
      />
      <LatencyChart
        title="Time to store"
        samples={samples}
        of={({ append_seconds }) => append_seconds}
      />
      {isInRedis ? (
        <LatencyChart
          title="Redis round trip"
          samples={samples}
          of={({ redis }) => redis?.round_trip_seconds}
        />
      ) : (
        <LatencyChart
          title="Time to flush"
          samples={samples}
          of={({ flush_seconds }) => flush_seconds}
        />
      )}
      <Chart
        title="Storage"
        times={times}
        format={formatBytes}
        steps={BYTE_STEPS}
        lines={[
          {
            label: 'on disk',
            values: samples.map(({ description }) => description?.stored_bytes ?? null),
          },
        ]}
      />
      <Chart
        title="Readers"
        times={times}
        format={formatShort}
        lines={[
          { label: 'live', values: readersIn('live') },
          { label: 'reading', values: readersIn('reading') },
        ]}
      />
      <Chart
        title="Slowest reader"
        times={times}
        format={formatShort}
        lines={[
          {
            label: 'events behind',
            values: samples.map(({ readers }) =>
              readers ? Math.max(0, ...readers.map(({ lag }) => lag)) : null,
            ),
          },
        ]}
      />
    </>
  );
}

/** The median, and what 99 % did not exceed, in each interval. */
function LatencyChart({
  title,
  samples,
  of,
}: {
  title: string;
  samples: readonly BrokerSample[];
  of: (activity: ApiActivity) => ApiHistogram | undefined;
}) {
  const histograms = samples.map(({ activity }) => activity && of(activity));
  const values = (share: number): (number | null)[] =>
    histograms.map((histogram, i) =>
      histogram ? quantile(share, histogram, histograms[i - 1]) : null,
    );
  return (
    <Chart
      title={title}
      times={samples.map(({ time }) => time)}
      format={formatSeconds}
      lines={[
        { label: 'median', values: values(0.5) },
        { label: '99 %', values: values(0.99) },
      ]}
    />
  );
}
