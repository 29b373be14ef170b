import type { LossReason } from '../../client/index.js';
import type { Selection } from './selection.js';

/** Every line says when it was written, by `monotonicNow`. */
export interface Stamped {
  readonly at: number;
}

/** A failure of the client library. */
interface Failed {
  readonly kind: 'failed';
  readonly code: string;
  readonly message: string;
}

/** A process begins to write. */
interface Begin {
  readonly kind: 'begin';
}

/** `n` numbers the calls of one publisher, over all its processes. */
export type PublisherLine =
  | Begin
  | {
      readonly kind: 'invoke';
      readonly n: number;
      readonly way: 'publish' | 'forward';
      /** A fact text. */
      readonly fact: string;
      /** When it happened, ns since 1970; an envelope that is forwarded has this time. */
      readonly time: string;
      /** The same envelope was forwarded before. */
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

/** Where a reader that knows no cursor begins. `since` is in ns since 1970. */
export type FreshStart = 'earliest' | 'now' | { readonly since: string };

/** Cursor, fact text, and the envelope's time in ns since 1970. */
export type EntryRecord = readonly [cursor: string, fact: string, time: string];

/** A reader writes what it got before it asks for more. */
export type ReaderLine =
  | (Begin & {
      /** Which of the brokers it asks, as it numbers them. */
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

/** What is waited for: of the newest run, of the next to end, after a cursor, or of a process. */
export type WaitCondition =
  | { readonly kind: 'not running' }
  | { readonly kind: 'next' }
  | { readonly kind: 'after'; readonly cursor: string }
  | { readonly kind: 'pid'; readonly pid: number };

/** `n` numbers the calls of one waiter. */
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
 * What was done to the broker. A lineage is one course of history: another begins when an older copy of the store is
 * put back, which shares the entries up to `fork` with lineage `parent`, and when the store is wiped.
 */
export type BrokerLine =
  | Begin
  | {
      readonly kind: 'lineage';
      readonly lineage: number;
      readonly epoch: string;
      readonly parent: number | null;
      /** Offset of the last entry it began with. */
      readonly fork: number;
    }
  /** No client reaches it from now on. */
  | { readonly kind: 'lineage over'; readonly lineage: number }
  | { readonly kind: 'fault'; readonly fault: string }
  /** It came to the point where it was to be killed. */
  | { readonly kind: 'died at'; readonly point: string }
  | { readonly kind: 'defect'; readonly text: string };

/** A lineage as it was when it was over, read whole by nobody but us. */
export interface HistoryLine {
  readonly kind: 'entry';
  readonly entry: EntryRecord;
  /** It has outlasted the entries around it. */
  readonly keptExit: boolean;
}
