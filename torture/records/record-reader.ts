import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Stamped } from './lines.js';

/** Position of a line in the records. */
export interface LineRef {
  readonly file: string;
  /** Line number, from 1. */
  readonly line: number;
}

export type Recorded<Line> = Line & Stamped & { readonly ref: LineRef };

/**
 * Returns the lines of a record; none if the file does not exist. A line cut off by SIGKILL is left
 * out, because the call that follows it was never made.
 *
 * @throws Error for any other line that is not JSON
 */
export function readRecord<Line>(path: string): Recorded<Line>[] {
  if (!existsSync(path)) return [];
  const texts = readFileSync(path, 'utf8').split('\n');
  const lines: Recorded<Line>[] = [];
  let cut: LineRef | undefined;
  for (const [index, text] of texts.entries()) {
    if (text === '') continue;
    const ref = { file: basename(path), line: index + 1 };
    const line = parseLine<Line>(text, ref);
    if (cut && line?.kind !== 'begin') {
      throw new Error(`${cut.file}:${cut.line} is no JSON, and no new process began after it`);
    }
    cut = line ? undefined : ref;
    if (line) lines.push(line);
  }
  return lines;
}

function parseLine<Line>(
  text: string,
  ref: LineRef,
): (Recorded<Line> & { readonly kind?: unknown }) | undefined {
  try {
    return { ...(JSON.parse(text) as Line & Stamped), ref };
  } catch {
    return undefined;
  }
}
