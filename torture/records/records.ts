import type { BrokerLine, HistoryLine, PublisherLine, ReaderLine, WaiterLine } from './lines.js';
import type { Recorded } from './record-reader.js';

/** Records of one round; those of clients by their names. */
export interface Records {
  readonly broker: readonly Recorded<BrokerLine>[];
  /** Contents of each lineage at its end. */
  readonly histories: readonly (readonly Recorded<HistoryLine>[])[];
  readonly publishers: ReadonlyMap<string, readonly Recorded<PublisherLine>[]>;
  /** Readers that read to the end. */
  readonly readers: ReadonlyMap<string, readonly Recorded<ReaderLine>[]>;
  /** Readers of crowds. */
  readonly crowd: ReadonlyMap<string, readonly Recorded<ReaderLine>[]>;
  readonly waiters: ReadonlyMap<string, readonly Recorded<WaiterLine>[]>;
  /** Waits for every run that ended in the last lineage, made after the faults. */
  readonly lastWaits: readonly Recorded<WaiterLine>[];
}
