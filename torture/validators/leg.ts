import type { LossReason } from '../../client/index.js';
import type { FreshStart, ReaderLine } from '../records/lines.js';
import type { LineRef, Recorded } from '../records/record-reader.js';
import type { Selection } from '../records/selection.js';
import type { KnownEntry } from './known-entry.js';

/** What a reader was told, in its order. */
export type Step =
  | {
      readonly kind: 'entry';
      readonly keptExit: boolean;
      readonly at: number;
      readonly entry: KnownEntry;
    }
  | {
      readonly kind: 'mark';
      readonly mark: 'progress' | 'caught up' | 'end';
      readonly cursor: string;
      readonly offset: number;
      readonly at: number;
      readonly ref: LineRef;
    };

/** A gap that ended a leg, or the refusal to go on. */
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

/** Where a leg begins: after a cursor, or where a reader begins that knows none. */
export type Origin = { readonly after: string } | FreshStart;

/**
 * What one reader read without a gap, over all its processes and connections: as if it had been one stream. A gap ends it,
 * and so does a start without a cursor.
 */
export interface Leg {
  readonly reader: string;
  readonly selection: Selection;
  readonly origin: Origin;
  readonly begunAt: number;
  readonly steps: readonly Step[];
  /** How often it was taken up again by a new process or over a new connection. */
  readonly resumes: number;
  /** How often by another broker than before. */
  readonly moves: number;
  readonly break: Break | undefined;
  /** The line it begins with. */
  readonly ref: LineRef;
}

export type BeginLine = Recorded<Extract<ReaderLine, { kind: 'begin' }>>;

/** The cursor up to which a leg has everything; undefined before it has one. */
export function reachedBy({ origin, steps }: Pick<Leg, 'origin' | 'steps'>): string | undefined {
  const last = steps.findLast((step) => step.kind === 'mark' || !step.keptExit);
  if (last) return last.kind === 'mark' ? last.cursor : last.entry.cursor;
  return typeof origin === 'object' && 'after' in origin ? origin.after : undefined;
}

/** The steps that have a place in the order of history: kept exits come before it. */
export function placed(steps: readonly Step[]): Step[] {
  return steps.filter((step) => step.kind === 'mark' || !step.keptExit);
}

export function offsetOf(step: Step): number {
  return step.kind === 'mark' ? step.offset : step.entry.offset;
}

export function refOf(step: Step): LineRef {
  return step.kind === 'mark' ? step.ref : step.entry.ref;
}
