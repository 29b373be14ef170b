import { formatBytes, formatShort } from '../shell/number-text.js';
import { storedRate, type BrokerSample } from './broker-samples.js';
import { Chart } from './chart.js';

/** Lines over the time since the view was opened. */
export function BrokerCharts({ samples }: { samples: readonly BrokerSample[] }) {
  const times = samples.map(({ time }) => time);
  const readersIn = (state: 'live' | 'reading'): number[] =>
    samples.map(({ readers }) => readers.filter((reader) => reader.state === state).length);
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
      <Chart
        title="Kept"
        times={times}
        format={formatBytes}
        lines={[
          {
            label: 'on disk',
            values: samples.map(({ description }) => description.stored_bytes),
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
        title="Farthest behind"
        times={times}
        format={formatShort}
        lines={[
          {
            label: 'events',
            values: samples.map(({ readers }) => Math.max(0, ...readers.map(({ lag }) => lag))),
          },
        ]}
      />
    </>
  );
}
