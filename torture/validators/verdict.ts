import type { LineRef } from '../records/record-reader.js';
import type { Evidence } from './evidence.js';

export interface Violation {
  readonly text: string;
  /** The lines of the records that show it. */
  readonly refs: readonly LineRef[];
}

/** What one named check came to. */
export interface Verdict {
  readonly name: string;
  /** What it looked at, with counts. */
  readonly scope: string;
  readonly violations: readonly Violation[];
}

export type Validator = (evidence: Evidence) => Verdict;
