import type { LineRef } from '../records/record-reader.js';
import type { Evidence } from './evidence.js';

export interface Violation {
  readonly text: string;
  /** Lines of the records that show it. */
  readonly refs: readonly LineRef[];
}

/** Result of one validator. */
export interface Verdict {
  readonly name: string;
  /** Counts of what it examined. */
  readonly scope: string;
  readonly violations: readonly Violation[];
}

export type Validator = (evidence: Evidence) => Verdict;
