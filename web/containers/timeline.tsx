import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { onThemeChange, themeColour } from '../shell/theme.js';
import { formatDuration, formatMoment } from '../shell/time-text.js';
import { runAt, type ContainerRuns } from './run-history.js';
import { endWords, OUTCOMES, type RunOutcome } from './run-outcome.js';
import { pan, toTime, zoom, type TimeScale } from './time-scale.js';
import {
  AXIS_HEIGHT,
  drawTimeline,
  ROW_HEIGHT,
  type TimelineColours,
  type TimelineScene,
} from './timeline-drawing.js';

const ZOOM_STEP = 1.0015;
/** px of the margin with the names; a narrow one is for phones. */
const MARGIN = { wide: 230, narrow: 96 };

/** A pointer that is down, where it was last; it has moved once it pans instead of selecting. */
interface Drag {
  readonly x: number;
  readonly moved: boolean;
}

export interface TimelineProps {
  readonly rows: readonly ContainerRuns[];
  readonly scale: TimeScale;
  readonly now: number;
  readonly asOf: number | undefined;
  readonly selected: ContainerRuns | undefined;
  readonly onScale: (scale: TimeScale) => void;
  readonly onWidth: (width: number) => void;
  readonly onSelect: (row: ContainerRuns) => void;
}

/** One row for each container, with a bar for each run; drawn on a canvas. */
export function Timeline(props: TimelineProps) {
  const { rows, scale, selected, onScale, onWidth, onSelect } = props;
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [scrollTop, setScrollTop] = useState(0);
  const [size, setSize] = useState({ width: 800, height: 400 });
  const [colours, setColours] = useState(readColours);
  const dragged = useRef<Drag | undefined>(undefined);
  const nameWidth = size.width < 640 ? MARGIN.narrow : MARGIN.wide;
  const scene: TimelineScene = { ...props, scrollTop, height: size.height, nameWidth };

  useEffect(
    () =>
      onThemeChange(() =>
        requestAnimationFrame(() => {
          setColours(readColours());
        }),
      ),
    [],
  );
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = element;
      setSize({ width, height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);
  useLayoutEffect(() => {
    onWidth(size.width - nameWidth);
  }, [size.width, nameWidth]);
  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context) return;
    fitToScreen(element, context, size);
    drawTimeline(context, scene, colours);
  });
  useSelectionInSight(box, rows, selected);

  const atX = (event: MouseEvent): number =>
    event.clientX - (canvas.current?.getBoundingClientRect().left ?? 0) - nameWidth;
  const onWheel = (event: WheelEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      event.preventDefault();
      onScale(zoom(scale, ZOOM_STEP ** event.deltaY, atX(event)));
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      onScale(pan(scale, event.deltaX || event.deltaY));
    }
  };
  const rowAt = (event: MouseEvent): ContainerRuns | undefined => {
    const top = event.clientY - (canvas.current?.getBoundingClientRect().top ?? 0);
    if (top <= AXIS_HEIGHT) return undefined;
    return rows[Math.floor((top - AXIS_HEIGHT + scrollTop) / ROW_HEIGHT)];
  };
  const onPointerMove = (event: PointerEvent): void => {
    const drag = dragged.current;
    if (!drag) {
      const row = rowAt(event);
      if (canvas.current) canvas.current.title = row ? runText(row, toTime(scale, atX(event))) : '';
      return;
    }
    const by = drag.x - event.clientX;
    if (!drag.moved && Math.abs(by) < 4) return;
    dragged.current = { x: event.clientX, moved: true };
    onScale(pan(scale, by));
  };
  const onPointerUp = (event: PointerEvent): void => {
    const drag = dragged.current;
    dragged.current = undefined;
    if (!drag || drag.moved) return;
    const row = rowAt(event);
    if (row) onSelect(row);
  };
  return (
    <div
      class="timeline"
      ref={box}
      onScroll={({ currentTarget }) => {
        setScrollTop(currentTarget.scrollTop);
      }}
      onWheel={onWheel}
      role="img"
      aria-label={`Runs of ${rows.length} containers over time`}
    >
      <canvas
        ref={canvas}
        onPointerDown={(event) => {
          dragged.current = { x: event.clientX, moved: false };
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
      />
      <div style={{ height: `${AXIS_HEIGHT + rows.length * ROW_HEIGHT}px` }} />
    </div>
  );
}

/** The container of a row, and its run at a time, for the pointer that rests there. */
function runText(row: ContainerRuns, time: number): string {
  const span = runAt(row, time);
  if (span === undefined) return row.container.name;
  const { run, start, end } = span;
  const length = end === Infinity ? '' : ` after ${formatDuration(end - start)}`;
  return `${row.container.name}: ${endWords(run)}${length}, started ${formatMoment(start)}`;
}

function useSelectionInSight(
  box: { readonly current: HTMLDivElement | null },
  rows: readonly ContainerRuns[],
  selected: ContainerRuns | undefined,
): void {
  useLayoutEffect(() => {
    const index = selected ? rows.indexOf(selected) : -1;
    const element = box.current;
    if (index < 0 || !element) return;
    const top = index * ROW_HEIGHT;
    const bottom = top + AXIS_HEIGHT + ROW_HEIGHT - element.clientHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (bottom > element.scrollTop) element.scrollTop = bottom;
  }, [selected]);
}

function fitToScreen(
  element: HTMLCanvasElement,
  context: CanvasRenderingContext2D,
  { width, height }: { width: number; height: number },
): void {
  const ratio = devicePixelRatio || 1;
  if (
    element.width !== Math.round(width * ratio) ||
    element.height !== Math.round(height * ratio)
  ) {
    element.width = Math.round(width * ratio);
    element.height = Math.round(height * ratio);
    element.style.width = `${width}px`;
    element.style.height = `${height}px`;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
}

function readColours(): TimelineColours {
  const outcomes = OUTCOMES.map((outcome) => [outcome, themeColour(`run-${outcome}`)] as const);
  return {
    outcomes: Object.fromEntries(outcomes) as Record<RunOutcome, string>,
    text: themeColour('text'),
    muted: themeColour('muted'),
    line: themeColour('line'),
    stripe: themeColour('stripe'),
    accent: themeColour('accent'),
  };
}
