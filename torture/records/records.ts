import type { BrokerLine, HistoryLine, PublisherLine, ReaderLine, WaiterLine } from './lines.js';
import type { Recorded } from './record-reader.js';

/** Everything that was recorded of one round; the records of clients by their names. */
export interface Records {
  readonly broker: readonly Recorded<BrokerLine>[];
  /** What each lineage held when it was over. */
  readonly histories: readonly (readonly Recorded<HistoryLine>[])[];
  readonly publishers: ReadonlyMap<string, readonly Recorded<PublisherLine>[]>;
  /** Those that were to read to the end. */
  readonly readers: ReadonlyMap<string, readonly Recorded<ReaderLine>[]>;
  /** Those that came for a moment. */
  readonly crowd: ReadonlyMap<string, readonly Recorded<ReaderLine>[]>;
  readonly waiters: ReadonlyMap<string, readonly Recorded<WaiterLine>[]>;
  /** Waits for every run that the last lineage knows the end of, made when everything was healed. */
  readonly lastWaits: readonly Recorded<WaiterLine>[];
}
