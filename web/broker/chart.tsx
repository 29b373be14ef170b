import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { onThemeChange, themeColour } from '../shell/theme.js';

const HEIGHT = 140;
/** Seconds; the first samples do not fill the width. */
const MIN_SPAN = 60;
const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hourCycle: 'h23' });
const COLOURS = ['series-1', 'series-2', 'series-3'];

export interface ChartProps {
  readonly title: string;
  /** ms */
  readonly times: readonly number[];
  readonly lines: readonly {
    readonly label: string;
    readonly values: readonly (number | null)[];
  }[];
  readonly format: (value: number) => string;
  /** Distances that the values of the axis may have; decimal ones by default. */
  readonly steps?: readonly number[] | undefined;
}

/** Lines over time. */
export function Chart({ title, times, lines, format, steps }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const data: uPlot.AlignedData = [
    times.map((time) => time / 1000),
    ...lines.map(({ values }) => [...values]),
  ];
  const newestData = useRef(data);
  newestData.current = data;
  const labels = lines.map(({ label }) => label).join();
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = makePlot(element, { lines, format, steps }, newestData.current);
    };
    draw();
    const observer = new ResizeObserver(() => {
      plot.current?.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    observer.observe(element);
    const stop = onThemeChange(() => requestAnimationFrame(draw));
    return () => {
      stop();
      observer.disconnect();
      plot.current?.destroy();
    };
  }, [labels]);
  useEffect(() => {
    plot.current?.setData(data);
  });
  const newest = lines.map(({ label, values }) => {
    const value = values.at(-1);
    return `${label} ${value === null || value === undefined ? '–' : format(value)}`;
  });
  return (
    <figure class="chart">
      <figcaption>
        <strong>{title}</strong> <span class="newest">{newest.join(' · ')}</span>
      </figcaption>
      <div ref={box} role="img" aria-label={`${title}: ${newest.join(', ')}`} />
    </figure>
  );
}

function timeText(seconds: number): string {
  return TIME.format(seconds * 1000);
}

/** From the first to the last sample; uPlot itself gives a single sample a range of years. */
function timeRange({ data: [times] }: uPlot): uPlot.Range.MinMax {
  const last = times[times.length - 1] ?? Date.now() / 1000;
  return [Math.min(times[0] ?? last, last - MIN_SPAN), last];
}

function makePlot(
  element: HTMLElement,
  { lines, format, steps }: Pick<ChartProps, 'lines' | 'format' | 'steps'>,
  data: uPlot.AlignedData,
): uPlot {
  const axis = { stroke: themeColour('muted'), grid: { stroke: themeColour('line'), width: 0.5 } };
  return new uPlot(
    {
      width: element.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false },
      scales: {
        x: { range: timeRange },
        y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.1 : 1] },
      },
      axes: [
        { ...axis, size: 26, space: 80, values: (_plot, times) => times.map(timeText) },
        {
          ...axis,
          ...(steps && { incrs: [...steps] }),
          size: 64,
          values: (_plot, values) => values.map(format),
        },
      ],
      series: [
        {},
        ...lines.map(({ label }, i) => ({
          label,
          stroke: themeColour(COLOURS[i] ?? 'text'),
          width: 1.5,
          points: { show: false },
        })),
      ],
    },
    data,
    element,
  );
}
