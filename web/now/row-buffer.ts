/** A row of the live table: an entry as it came, parsed when it is shown, or a gap. */
export interface Row {
  readonly kind: 'entry' | 'gap';
  /** JSON */
  readonly text: string;
}

/** The newest rows within limits of number and characters; each keeps its sequence number. */
export class RowBuffer {
  #rows: Row[] = [];
  /** Rows at the beginning of `#rows` that are removed; cut off together, not one by one. */
  #removed = 0;
  #first = 0;
  #characters = 0;
  readonly #maxRows: number;
  readonly #maxCharacters: number;

  constructor(maxRows: number, maxCharacters: number) {
    this.#maxRows = maxRows;
    this.#maxCharacters = maxCharacters;
  }

  /** Sequence number of the oldest row. */
  get first(): number {
    return this.#first;
  }

  /** Sequence number after the newest row. */
  get end(): number {
    return this.#first + this.length;
  }

  get length(): number {
    return this.#rows.length - this.#removed;
  }

  /** The row with a sequence number, unless it is removed or still to come. */
  at(sequence: number): Row | undefined {
    return sequence < this.#first ? undefined : this.#rows[sequence - this.#first + this.#removed];
  }

  push(rows: readonly Row[]): void {
    for (const row of rows) {
      this.#rows.push(row);
      this.#characters += row.text.length;
    }
    while (
      this.length > this.#maxRows ||
      (this.#characters > this.#maxCharacters && this.length > 1)
    )
      this.#removeFirst();
    if (this.#removed > this.#maxRows / 2) {
      this.#rows = this.#rows.slice(this.#removed);
      this.#removed = 0;
    }
  }

  #removeFirst(): void {
    this.#characters -= this.#rows[this.#removed]?.text.length ?? 0;
    this.#rows[this.#removed] = REMOVED;
    this.#removed++;
    this.#first++;
  }
}

/** Stands for a removed row, so that its text can be collected. */
const REMOVED: Row = { kind: 'gap', text: '' };
