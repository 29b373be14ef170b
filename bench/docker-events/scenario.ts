import type { DaemonKind } from './daemon.js';
import type { Figure, Figures } from './figures.js';

/** A question, and the table that answers it. */
export interface Scenario {
  /** Name on the command line. */
  readonly name: string;
  readonly title: string;
  /** Description of the work, in a sentence or two. */
  readonly text: string;
  /** Figures that the table shows for each row. */
  readonly columns: readonly Figure[];
  readonly rows: readonly CrowdRow[];
}

export interface CrowdRow {
  readonly kind: DaemonKind;
  /** Description of the row, the same for all daemons. */
  readonly what: string;
  run(): Promise<Figures>;
}
