import { escapeControls } from '../../protocol/escape-controls.js';
import { styled, type Style } from './style.js';
import { cutText, textWidth } from './text-width.js';

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  /** Control characters of the text are escaped. */
  readonly text: (row: Row) => string;
  readonly style?: (row: Row) => Style | undefined;
  /** Columns to which it may be cut where lines do not fit; it is never cut unless given. */
  readonly least?: number;
  /** Width before a wider cell comes, so that a table that grows does not shift. */
  readonly initial?: number;
}

export interface TableOptions {
  /** Columns of the terminal; undefined if lines may have any length. */
  readonly width: number | undefined;
  readonly isStyled: boolean;
}

const GAP = '  ';

/** Lays out rows in aligned columns. Rows may come in batches; a column only ever gets wider. */
export class TextTable<Row> {
  #widths: number[] | undefined;

  constructor(
    private readonly columns: readonly Column<Row>[],
    private readonly options: TableOptions,
  ) {}

  /** Lines for these rows, without newlines. The first call begins with the titles. */
  lines(rows: readonly Row[]): string[] {
    const titles = this.columns.map(({ title }) => title);
    const cells = rows.map((row) => this.columns.map(({ text }) => escapeControls(text(row))));
    const isFirst = this.#widths === undefined;
    this.#widths = this.#fitted([titles, ...cells]);
    const lines = cells.map((line, i) => this.#line(line, rows[i]));
    return isFirst ? [this.#line(titles, undefined), ...lines] : lines;
  }

  #line(cells: readonly string[], row: Row | undefined): string {
    const widths = this.#widths ?? [];
    const isStyled = this.options.isStyled;
    const laidOut = cells.map((cell, i) => {
      const width = widths[i] ?? 0;
      const text = cutText(cell, width);
      const column = this.columns[i];
      const style = row === undefined ? 'bold' : column?.style?.(row);
      const padding = i === cells.length - 1 ? '' : ' '.repeat(width - textWidth(text));
      return (isStyled ? styled(text, style) : text) + padding;
    });
    return laidOut.join(GAP).trimEnd();
  }

  /** Widths of the columns, so that lines fit where columns may be cut. */
  #fitted(lines: readonly (readonly string[])[]): number[] {
    const widths = this.columns.map(({ initial = 0 }, i) => {
      const before = this.#widths?.[i] ?? initial;
      return lines.reduce((most, line) => Math.max(most, textWidth(line[i] ?? '')), before);
    });
    const { width } = this.options;
    if (width === undefined) return widths;
    let excess = widths.reduce((sum, each) => sum + each + GAP.length, -GAP.length) - width;
    while (excess > 0) {
      const widest = this.#widestToCut(widths);
      if (widest === undefined) break;
      widths[widest] = (widths[widest] ?? 0) - 1;
      excess -= 1;
    }
    return widths;
  }

  /** The column that can lose most. */
  #widestToCut(widths: readonly number[]): number | undefined {
    let widest: number | undefined;
    let most = 0;
    for (const [i, { least }] of this.columns.entries()) {
      const spare = least === undefined ? 0 : (widths[i] ?? 0) - least;
      if (spare <= most) continue;
      widest = i;
      most = spare;
    }
    return widest;
  }
}
