import { firstEndingAfter, type ContainerRuns, type RunSpan } from './run-history.js';
import { OUTCOMES, type RunOutcome } from './run-outcome.js';
import { ticks, tickText, toTime, toX, type TimeScale } from './time-scale.js';

export const ROW_HEIGHT = 26;
export const AXIS_HEIGHT = 24;
const BAR_HEIGHT = 16;
/** Bars are never thinner, so that a short run is seen. */
const MIN_BAR = 2;
/** Runs of one bar whose outcomes are looked at. */
const MAX_JOINED = 64;

export interface TimelineColours {
  readonly outcomes: Record<RunOutcome, string>;
  readonly text: string;
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
  for (let index = first; index < last; index++) {
    const row = rows[index];
    const top = AXIS_HEIGHT + index * ROW_HEIGHT - scrollTop;
    if (row) drawRow(canvas, row, top, index, scene, colours);
  }
  canvas.restore();
  drawAxis(canvas, scene, colours);
  drawMoment(canvas, scene.now, colours.line, scene);
  if (asOf !== undefined) drawMoment(canvas, asOf, colours.accent, scene);
}

function drawRow(
  canvas: Canvas,
  row: ContainerRuns,
  top: number,
  index: number,
  { nameWidth, scale, now, selected }: TimelineScene,
  colours: TimelineColours,
): void {
  if (index % 2 === 1 || row === selected) {
    canvas.globalAlpha = row === selected ? 0.35 : 1;
    canvas.fillStyle = row === selected ? colours.accent : colours.stripe;
    canvas.fillRect(0, top, nameWidth + scale.width, ROW_HEIGHT);
    canvas.globalAlpha = 1;
  }
  canvas.fillStyle = colours.text;
  canvas.fillText(fitted(canvas, row.container.name, nameWidth - 16), 10, top + ROW_HEIGHT / 2);
  canvas.save();
  canvas.beginPath();
  canvas.rect(nameWidth, top, scale.width, ROW_HEIGHT);
  canvas.clip();
  canvas.translate(nameWidth, top + (ROW_HEIGHT - BAR_HEIGHT) / 2);
  drawBars(canvas, row, scale, now, colours);
  canvas.restore();
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
    canvas.fillRect(left, 0, Math.max(MIN_BAR, right - left - space), BAR_HEIGHT);
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
  canvas.fillStyle = colours.text;
  canvas.lineWidth = 1;
  for (const time of times) {
    const x = Math.round(nameWidth + toX(scale, time)) + 0.5;
    canvas.globalAlpha = 0.4;
    canvas.beginPath();
    canvas.moveTo(x, AXIS_HEIGHT);
    canvas.lineTo(x, height);
    canvas.stroke();
    canvas.globalAlpha = 1;
    canvas.fillText(tickText(time, step), x + 4, AXIS_HEIGHT / 2);
  }
}

function drawMoment(canvas: Canvas, time: number, colour: string, scene: TimelineScene): void {
  const x = toX(scene.scale, time);
  if (x < 0 || x > scene.scale.width) return;
  canvas.fillStyle = colour;
  canvas.fillRect(scene.nameWidth + x - 0.75, 0, 1.5, scene.height);
}

function fitted(canvas: Canvas, text: string, width: number): string {
  if (canvas.measureText(text).width <= width) return text;
  let end = Math.min(text.length, Math.floor(width / 5));
  while (end > 1 && canvas.measureText(`${text.slice(0, end)}…`).width > width) end--;
  return `${text.slice(0, end)}…`;
}
