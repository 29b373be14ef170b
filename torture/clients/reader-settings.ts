import type { FreshStart } from '../records/lines.js';
import type { Selection } from '../records/selection.js';

/** Query of one reader and the file of its record. */
export interface ReadingSettings {
  readonly record: string;
  readonly selection: Selection;
  readonly gapPolicy: 'fail' | 'continue';
  readonly start: FreshStart | { readonly after: string };
  /** Milliseconds it spends on each batch while it follows. */
  readonly pauseMs: number;
  /** Number of entries after which it stops; null for no limit. */
  readonly limit: number | null;
}

/** Settings of a reader. */
export interface ReaderSettings extends ReadingSettings {
  /** The brokers; it connects to the next one after each disconnect and restart. */
  readonly addresses: readonly string[];
}

/**
 * A reader that may also begin at an edge of history: after the first kept entry or after the last.
 */
export type CrowdReader = Omit<ReadingSettings, 'start'> & {
  readonly start: FreshStart | 'after first' | 'after last';
};

/** Settings of a crowd of short-lived readers. */
export interface CrowdSettings {
  readonly addresses: readonly string[];
  readonly readers: readonly CrowdReader[];
  /** Connections to each broker that the readers share. */
  readonly connections: number;
  /** Milliseconds after which the last reader gives up. */
  readonly patienceMs: number;
}
