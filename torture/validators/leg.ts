import type { LossReason } from '../../client/index.js';
import type { FreshStart, ReaderLine } from '../records/lines.js';
import type { LineRef, Recorded } from '../records/record-reader.js';
import type { Selection } from '../records/selection.js';
import type { KnownEntry } from './known-entry.js';

/** One message to a reader. */
export type LegStep =
  | {
      readonly kind: 'entry';
      readonly keptExit: boolean;
      readonly at: number;
      readonly entry: KnownEntry;
    }
  | {
      readonly kind: 'bookmark';
      readonly reason: 'progress' | 'caught up' | 'end';
      readonly cursor: string;
      readonly offset: number;
      readonly at: number;
      readonly ref: LineRef;
    };

/** A gap that ended a leg, or a refused resume. */
export type Break =
  | {
      readonly kind: 'gap';
      readonly reason: LossReason;
      readonly from: string;
      readonly to: string;
      readonly lostAtMost: number;
      readonly at: number;
      readonly ref: LineRef;
    }
  | {
      readonly kind: 'refused';
      readonly message: string;
      readonly at: number;
      readonly ref: LineRef;
    };

/** Start of a leg: a cursor, or the start of a reader without one. */
export type Origin = { readonly after: string } | FreshStart;

/**
 * One reader's messages between two gaps, over all its processes and connections, as if from one
 * stream. A gap ends a leg, and so does a start without a cursor.
 */
export interface Leg {
  readonly reader: string;
  readonly selection: Selection;
  readonly origin: Origin;
  readonly begunAt: number;
  readonly steps: readonly LegStep[];
  /** Number of resumes by a new process or connection. */
  readonly resumes: number;
  /** Number of resumes at another broker. */
  readonly moves: number;
  readonly break: Break | undefined;
  /** The line that begins the leg. */
  readonly ref: LineRef;
}

export type BeginLine = Recorded<Extract<ReaderLine, { kind: 'begin' }>>;

/** Returns the cursor up to which a leg is complete; undefined before the first. */
export function reachedBy({ origin, steps }: Pick<Leg, 'origin' | 'steps'>): string | undefined {
  const last = steps.findLast((step) => step.kind === 'bookmark' || !step.keptExit);
  if (last) return last.kind === 'bookmark' ? last.cursor : last.entry.cursor;
  return typeof origin === 'object' && 'after' in origin ? origin.after : undefined;
}

/** Returns the steps in the order of history: all but the kept exits, which precede it. */
export function placed(steps: readonly LegStep[]): LegStep[] {
  return steps.filter((step) => step.kind === 'bookmark' || !step.keptExit);
}

export function offsetOf(step: LegStep): number {
  return step.kind === 'bookmark' ? step.offset : step.entry.offset;
}

export function refOf(step: LegStep): LineRef {
  return step.kind === 'bookmark' ? step.ref : step.entry.ref;
}
