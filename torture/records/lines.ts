import type { LossReason } from '../../client/index.js';
import type { Selection } from './selection.js';

/** Time at which a line was written, by `monotonicNow`. */
export interface Stamped {
  readonly at: number;
}

/** A failure of the client library. */
interface Failed {
  readonly kind: 'failed';
  readonly code: string;
  readonly message: string;
}

/** A process starts to write. */
interface Begin {
  readonly kind: 'begin';
}

/** Lines of a publisher. `n` numbers its calls over all its processes. */
export type PublisherLine =
  | Begin
  | {
      readonly kind: 'invoke';
      readonly n: number;
      readonly way: 'publish' | 'forward';
      /** Text of the fact. */
      readonly fact: string;
      /** Time of the event in nanoseconds since 1970, as in a forwarded envelope. */
      readonly time: string;
      /** Whether the same envelope was forwarded before. */
      readonly again: boolean;
    }
  | {
      readonly kind: 'stored';
      readonly n: number;
      readonly cursor: string;
      readonly duplicate: boolean;
    }
  | { readonly kind: 'spooled'; readonly n: number }
  | (Failed & { readonly n: number });

/** Start of a reader without a cursor. `since` is in nanoseconds since 1970. */
export type FreshStart = 'earliest' | 'now' | { readonly since: string };

/** Cursor, text of the fact, and the envelope's time in nanoseconds since 1970. */
export type EntryRecord = readonly [cursor: string, fact: string, time: string];

/** Lines of a reader, which writes them before it asks for more. */
export type ReaderLine =
  | (Begin & {
      /** Number of the broker that it reads from. */
      readonly broker: number;
      readonly selection: Selection;
      readonly gapPolicy: 'fail' | 'continue';
      readonly start: FreshStart | { readonly after: string };
    })
  | {
      readonly kind: 'entries';
      readonly keptExits: boolean;
      readonly entries: readonly EntryRecord[];
    }
  | { readonly kind: 'progress' | 'caught up' | 'end'; readonly cursor: string }
  | {
      readonly kind: 'gap';
      readonly reason: LossReason;
      readonly from: string;
      readonly cursor: string;
      /** A whole number. */
      readonly lostAtMost: string;
    }
  | { readonly kind: 'disconnected'; readonly code: string }
  | Failed;

/**
 * Condition of a wait: the newest run, the next exit, the first exit after a cursor, or a process.
 */
export type WaitCondition =
  | { readonly kind: 'not running' }
  | { readonly kind: 'next' }
  | { readonly kind: 'after'; readonly cursor: string }
  | { readonly kind: 'pid'; readonly pid: number };

/** Lines of a waiter. `n` numbers its calls. */
export type WaiterLine =
  | Begin
  | {
      readonly kind: 'invoke';
      readonly n: number;
      readonly namespace: string;
      readonly container: string;
      readonly condition: WaitCondition;
    }
  | {
      readonly kind: 'exited';
      readonly n: number;
      readonly status: number;
      readonly pid: number;
      readonly cursor: string;
    }
  | (Failed & { readonly n: number });

/**
 * Faults and lineages. A lineage is one course of history. Restoring an older copy of the store
 * begins another, which shares the entries up to `fork` with lineage `parent`; wiping the store
 * begins one without a parent.
 */
export type BrokerLine =
  | Begin
  | {
      readonly kind: 'lineage';
      readonly lineage: number;
      readonly epoch: string;
      readonly parent: number | null;
      /** Offset of the last entry that it began with. */
      readonly fork: number;
    }
  /** No client reaches the lineage after this. */
  | { readonly kind: 'lineage over'; readonly lineage: number }
  | { readonly kind: 'fault'; readonly fault: string }
  /** The process reached its kill point. */
  | { readonly kind: 'died at'; readonly point: string }
  | { readonly kind: 'defect'; readonly text: string };

/** Contents of a lineage at its end, read by a broker without clients. */
export interface HistoryLine {
  readonly kind: 'entry';
  readonly entry: EntryRecord;
  /** Whether it is a lasting entry whose neighbours were trimmed. */
  readonly keptExit: boolean;
}
