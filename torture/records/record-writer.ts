import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { monotonicNow } from './monotonic.js';
import type { Stamped } from './lines.js';

/**
 * Adds lines to a record, one JSON object each, stamped with the time. A line that was written is with the operating
 * system: it outlives this process however it ends.
 */
export class RecordWriter<Line extends object> {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'a+');
    // Whoever wrote here before may have been killed in the middle of a line.
    if (!endsLine(this.#file)) this.#append('\n');
  }

  /** @param line stamped only if it tells of another moment than now */
  write(line: Line & Partial<Stamped>): void {
    const stamped: Stamped & Line = { at: monotonicNow(), ...line };
    this.#append(`${JSON.stringify(stamped)}\n`);
  }

  close(): void {
    closeSync(this.#file);
  }

  #append(text: string): void {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length;) {
      written += writeSync(this.#file, bytes, written);
    }
  }
}

function endsLine(file: number): boolean {
  const { size } = fstatSync(file);
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last.toString() === '\n';
}
