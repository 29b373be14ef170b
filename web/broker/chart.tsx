import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { onThemeChange, themeColour } from '../shell/theme.js';

const HEIGHT = 150;
/** Seconds; the first samples do not fill the width. */
const MIN_SPAN = 60;
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
}

/** Lines over time. */
export function Chart({ title, times, lines, format }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const labels = lines.map(({ label }) => label).join();
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = makePlot(element, lines, format);
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
    const seconds = times.map((time) => time / 1000);
    plot.current?.setData([seconds, ...lines.map(({ values }) => [...values])]);
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

function makePlot(
  element: HTMLElement,
  lines: ChartProps['lines'],
  format: ChartProps['format'],
): uPlot {
  const axis = { stroke: themeColour('text'), grid: { stroke: themeColour('stripe'), width: 1 } };
  return new uPlot(
    {
      width: element.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false },
      scales: {
        x: { range: (_plot, min, max) => [Math.min(min, max - MIN_SPAN), max] },
        y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.1 : 1] },
      },
      axes: [axis, { ...axis, size: 64, values: (_plot, values) => values.map(format) }],
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
    [[], ...lines.map(() => [])],
    element,
  );
}
