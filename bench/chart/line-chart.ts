import { axisOver, type Axis } from './axis.js';

export interface Line {
  readonly name: string;
  /** One value for each x; empty for a line that only appears in the legend. */
  readonly ys: readonly number[];
}

export interface Chart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xs: readonly number[];
  readonly lines: readonly Line[];
}

const WIDTH = 720;
const HEIGHT = 420;
const LEFT = 84;
const RIGHT = 28;
const TOP = 76;
const BOTTOM = 56;
const PLOT_WIDTH = WIDTH - LEFT - RIGHT;
const PLOT_HEIGHT = HEIGHT - TOP - BOTTOM;
const LEGEND_Y = 52;
const LEGEND_STEP = 200;
const LINE_STYLES = 3;

/** Suits light and dark pages. Lines differ by dashes too, not by colour alone. */
const STYLE = `
  svg { --ground: #fcfcfb; --ink: #1f1f1d; --faint: #6b6a64; --grid: #e3e2dc; --line0: #1f6fd0; --line1: #c8501d; --line2: #118a5f; }
  @media (prefers-color-scheme: dark) {
    svg { --ground: #1a1a19; --ink: #f2f1ec; --faint: #a8a79f; --grid: #363633; --line0: #5b9df0; --line1: #ee8552; --line2: #3cc492; }
  }
  .ground { fill: var(--ground); }
  text { font: 13px system-ui, sans-serif; fill: var(--faint); }
  text.title { font-size: 16px; font-weight: 600; fill: var(--ink); }
  text.name { fill: var(--ink); }
  .grid { stroke: var(--grid); }
  polyline, .swatch { fill: none; stroke-width: 2; stroke-linejoin: round; }
  .line0 { stroke: var(--line0); } .line1 { stroke: var(--line1); stroke-dasharray: 7 4; } .line2 { stroke: var(--line2); stroke-dasharray: 2 4; }
  .dot0 { fill: var(--line0); } .dot1 { fill: var(--line1); } .dot2 { fill: var(--line2); }
`;

/** Draws an SVG picture; see `axisOver` for the choice of axes. */
export function lineChart({ title, xLabel, yLabel, xs, lines }: Chart): string {
  const ys = lines.flatMap((line) => line.ys);
  const x = axisOver(xs, PLOT_WIDTH);
  const y = axisOver(ys.length === 0 ? [1] : ys, PLOT_HEIGHT);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(title)}">`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${WIDTH}" height="${HEIGHT}" rx="8"/>`,
    text(LEFT, 28, title, 'title'),
    ...lines.flatMap(({ name }, index) => legend(name, index)),
    ...grid(y),
    ...xs.map((value) => text(xOf(x, value), HEIGHT - BOTTOM + 20, label(value), '', 'middle')),
    text(LEFT + PLOT_WIDTH / 2, HEIGHT - 12, xLabel, '', 'middle'),
    text(LEFT - 10, TOP - 14, yLabel, '', 'end'),
    ...lines.flatMap(({ ys: own }, index) =>
      curve(
        own.map((value, at) => [xOf(x, xs[at] ?? NaN), yOf(y, value)] as const),
        index,
      ),
    ),
    '</svg>\n',
  ].join('\n');
}

function legend(name: string, index: number): string[] {
  const left = LEFT + index * LEGEND_STEP;
  const y = LEGEND_Y - 4;
  return [
    `<line class="swatch line${index % LINE_STYLES}" x1="${left}" x2="${left + 28}" y1="${y}" y2="${y}"/>`,
    text(left + 36, LEGEND_Y, name, 'name'),
  ];
}

function grid(y: Axis): string[] {
  return y.ticks.flatMap((value) => {
    const at = fixed(yOf(y, value));
    return [
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/>`,
      text(LEFT - 10, yOf(y, value) + 4, label(value), '', 'end'),
    ];
  });
}

function curve(points: readonly (readonly [x: number, y: number])[], index: number): string[] {
  const style = index % LINE_STYLES;
  const coordinates = points.map(([x, y]) => `${fixed(x)},${fixed(y)}`);
  return [
    `<polyline class="line${style}" points="${coordinates.join(' ')}"/>`,
    ...points.map(
      ([x, y]) => `<circle class="dot${style}" cx="${fixed(x)}" cy="${fixed(y)}" r="3.5"/>`,
    ),
  ];
}

function text(x: number, y: number, content: string, style: string, anchor = 'start'): string {
  const position = `x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}"`;
  return `<text ${position}${style && ` class="${style}"`}>${escape(content)}</text>`;
}

function xOf(axis: Axis, value: number): number {
  return LEFT + axis.at(value);
}

function yOf(axis: Axis, value: number): number {
  return HEIGHT - BOTTOM - axis.at(value);
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function label(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

function escape(content: string): string {
  return content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
