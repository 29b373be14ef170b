import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { monotonicNow } from './monotonic.js';
import type { Stamped } from './lines.js';

/**
 * Appends lines to a record, one JSON object each, with the time. A written line is with the
 * operating system, so it survives the death of this process.
 */
export class RecordWriter<Line extends object> {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, 'a+');
    // An earlier process may have been killed in the middle of a line.
    if (!endsLine(this.#file)) this.#append('\n');
  }

  /** @param line carries a time only if it is about another moment than now */
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
