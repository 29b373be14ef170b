import type { DaemonKind } from './daemon.js';
import type { Figure, Figures } from './figures.js';

/** A question, with a table that answers it. */
export interface Scenario {
  /** On the command line. */
  readonly name: string;
  readonly title: string;
  /** What is done, in a sentence or two. */
  readonly text: string;
  /** What the table shows of each row. */
  readonly columns: readonly Figure[];
  readonly rows: readonly Row[];
}

export interface Row {
  readonly kind: DaemonKind;
  /** What is the same for all kinds of daemons. */
  readonly what: string;
  run(): Promise<Figures>;
}
