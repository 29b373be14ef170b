import { firstEndingAfter, type ContainerRuns, type RunSpan } from './run-history.js';
import { endLabel, OUTCOMES, type RunOutcome } from './run-outcome.js';
import { ticks, tickText, toTime, toX, type TimeScale } from './time-scale.js';

export const ROW_HEIGHT = 26;
export const AXIS_HEIGHT = 24;
const BAR_HEIGHT = 16;
/** Bars are never thinner, so that a short run is seen. */
const MIN_BAR = 3;
const BAR_RADIUS = 3;
/** px between the margin's texts, and around them. */
const SPACE = 10;
/** The margin shows ends of runs, too, if it has this width, px. */
const WIDE_MARGIN = 200;
/** Runs of one bar whose outcomes are looked at. */
const MAX_JOINED = 64;

export interface TimelineColours {
  readonly outcomes: Record<RunOutcome, string>;
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly stripe: string;
  readonly accent: string;
}

export interface TimelineScene {
  readonly rows: readonly ContainerRuns[];
  /** px; how far the rows are scrolled. */
  readonly scrollTop: number;
  /** px */
  readonly height: number;
  /** px; names stand left of the bars. */
  readonly nameWidth: number;
  readonly scale: TimeScale;
  readonly now: number;
  readonly asOf: number | undefined;
  readonly selected: ContainerRuns | undefined;
}

type Canvas = CanvasRenderingContext2D;

/** Draws what is visible: the cost does not depend on the length of the history. */
export function drawTimeline(canvas: Canvas, scene: TimelineScene, colours: TimelineColours): void {
  const { rows, scrollTop, height, nameWidth, scale, asOf } = scene;
  const width = nameWidth + scale.width;
  canvas.clearRect(0, 0, width, height);
  canvas.font = '12px system-ui, sans-serif';
  canvas.textBaseline = 'middle';
  const first = Math.floor(scrollTop / ROW_HEIGHT);
  const last = Math.min(rows.length, Math.ceil((scrollTop + height - AXIS_HEIGHT) / ROW_HEIGHT));
  canvas.save();
  canvas.beginPath();
  canvas.rect(0, AXIS_HEIGHT, width, height - AXIS_HEIGHT);
  canvas.clip();
  const topOf = (index: number): number => AXIS_HEIGHT + index * ROW_HEIGHT - scrollTop;
  for (let index = first; index < last; index++) {
    drawStripe(canvas, rows[index] === scene.selected, index, topOf(index), scene, colours);
  }
  canvas.restore();
  // The lines of the axis are below the bars, and its texts above the rows.
  drawAxis(canvas, scene, colours);
  canvas.save();
  canvas.beginPath();
  canvas.rect(0, AXIS_HEIGHT, width, height - AXIS_HEIGHT);
  canvas.clip();
  for (let index = first; index < last; index++) {
    const row = rows[index];
    if (row) drawRow(canvas, row, topOf(index), scene, colours);
  }
  canvas.restore();
  drawMoment(canvas, scene.now, colours.line, scene);
  if (asOf !== undefined) drawMoment(canvas, asOf, colours.accent, scene);
}

function drawStripe(
  canvas: Canvas,
  isSelected: boolean,
  index: number,
  top: number,
  { nameWidth, scale }: TimelineScene,
  colours: TimelineColours,
): void {
  if (index % 2 === 0 && !isSelected) return;
  canvas.globalAlpha = isSelected ? 0.25 : 1;
  canvas.fillStyle = isSelected ? colours.accent : colours.stripe;
  canvas.fillRect(0, top, nameWidth + scale.width, ROW_HEIGHT);
  canvas.globalAlpha = 1;
}

function drawRow(
  canvas: Canvas,
  row: ContainerRuns,
  top: number,
  { nameWidth, scale, now }: TimelineScene,
  colours: TimelineColours,
): void {
  drawMargin(canvas, row, top + ROW_HEIGHT / 2, nameWidth, colours);
  canvas.save();
  canvas.beginPath();
  canvas.rect(nameWidth, top, scale.width, ROW_HEIGHT);
  canvas.clip();
  canvas.translate(nameWidth, top + (ROW_HEIGHT - BAR_HEIGHT) / 2);
  drawBars(canvas, row, scale, now, colours);
  canvas.restore();
}

/** The name of a container, and how its newest run ended. */
function drawMargin(
  canvas: Canvas,
  { container, runs }: ContainerRuns,
  middle: number,
  width: number,
  colours: TimelineColours,
): void {
  let space = width - 2 * SPACE;
  const newest = runs.at(-1);
  if (newest !== undefined && width >= WIDE_MARGIN) {
    const times = runs.length > 1 ? `×${runs.length}  ` : '';
    const label = endLabel(newest.run);
    const right = width - SPACE;
    const labelWidth = canvas.measureText(label).width;
    canvas.textAlign = 'right';
    canvas.fillStyle = isGood(newest.outcome) ? colours.muted : colours.outcomes[newest.outcome];
    canvas.fillText(label, right, middle);
    canvas.fillStyle = colours.muted;
    canvas.fillText(times, right - labelWidth, middle);
    canvas.textAlign = 'left';
    space -= labelWidth + canvas.measureText(times).width + SPACE;
  }
  canvas.fillStyle = colours.text;
  canvas.fillText(fitted(canvas, container.name, space), SPACE, middle);
}

function isGood(outcome: RunOutcome): boolean {
  return outcome === 'running' || outcome === 'zero';
}

/** Runs that end in the same pixel are drawn as one bar, in the colour of the worst of them. */
function drawBars(
  canvas: Canvas,
  row: ContainerRuns,
  scale: TimeScale,
  now: number,
  { outcomes }: TimelineColours,
): void {
  const { runs } = row;
  let index = firstEndingAfter(row, scale.from);
  for (let span = runs[index]; span && span.start < scale.to; span = runs[index]) {
    const left = toX(scale, span.start);
    const right = Math.max(left + MIN_BAR, toX(scale, Math.min(span.end, now)));
    const next = Math.max(index + 1, firstEndingAfter(row, toTime(scale, Math.floor(right))));
    canvas.fillStyle = outcomes[worstOf(runs.slice(index, Math.min(next, index + MAX_JOINED)))];
    const space = right - left > 6 ? 1 : 0;
    const width = Math.max(MIN_BAR, right - left - space);
    canvas.beginPath();
    canvas.roundRect(left, 0, width, BAR_HEIGHT, Math.min(BAR_RADIUS, width / 2));
    canvas.fill();
    index = next;
  }
}

function worstOf(spans: readonly RunSpan[]): RunOutcome {
  const ranks = spans.map(({ outcome }) => OUTCOMES.indexOf(outcome));
  return OUTCOMES[Math.max(...ranks)] ?? 'running';
}

function drawAxis(canvas: Canvas, scene: TimelineScene, colours: TimelineColours): void {
  const { scale, nameWidth, height } = scene;
  const { step, times } = ticks(scale);
  canvas.strokeStyle = colours.line;
  canvas.fillStyle = colours.muted;
  canvas.lineWidth = 1;
  for (const time of times) {
    const x = Math.round(nameWidth + toX(scale, time)) + 0.5;
    canvas.globalAlpha = 0.4;
    canvas.beginPath();
    canvas.moveTo(x, AXIS_HEIGHT);
    canvas.lineTo(x, height);
    canvas.stroke();
    canvas.globalAlpha = 1;
    const text = tickText(time, step);
    const isWhole = x + SPACE + canvas.measureText(text).width < nameWidth + scale.width;
    if (isWhole) canvas.fillText(text, x + 4, AXIS_HEIGHT / 2);
  }
  canvas.fillStyle = colours.line;
  canvas.fillRect(nameWidth - 0.5, 0, 1, height);
}

function drawMoment(canvas: Canvas, time: number, colour: string, scene: TimelineScene): void {
  const x = toX(scene.scale, time);
  if (x < 0 || x > scene.scale.width) return;
  canvas.fillStyle = colour;
  canvas.fillRect(scene.nameWidth + x - 0.75, AXIS_HEIGHT, 1.5, scene.height - AXIS_HEIGHT);
}

function fitted(canvas: Canvas, text: string, width: number): string {
  if (canvas.measureText(text).width <= width) return text;
  let end = Math.min(text.length, Math.floor(width / 5));
  while (end > 1 && canvas.measureText(`${text.slice(0, end)}…`).width > width) end--;
  return `${text.slice(0, end)}…`;
}
