import { firstOffset } from './first-offset.js';
import type { Retention, RetentionHold } from './store.js';

/** The facts that trimming needs. The functions return undefined for a damaged entry. */
export interface TrimView {
  readonly first: number;
  readonly last: number;
  readonly storedAt: (offset: number) => bigint | undefined;
  /** The sum of the sizes from this entry to the last. */
  readonly bytesFrom: (offset: number) => number | undefined;
}

/**
 * Returns the first offset that stays; `last` always does. A damaged entry counts as one that
 * stays: damage may delay trimming, and never removes more.
 */
export function trimPoint(view: TrimView, retention: Retention, now: bigint): number {
  const { first, last } = view;
  const { age, bytes, entries, holds = [] } = retention;
  let point = first;
  if (entries !== undefined) point = Math.max(point, last - entries + 1);
  if (bytes !== undefined) {
    // The negated comparison lets a total that damage has made NaN stay, too.
    point = firstOffset(point, last, (offset) => !((view.bytesFrom(offset) ?? 0) > bytes));
  }
  if (age !== undefined) {
    point = firstOffset(point, last, (offset) => !isOver(age, view.storedAt(offset) ?? now, now));
  }
  for (const hold of holds) point = Math.min(point, heldFrom(view, hold));
  return Math.max(first, Math.min(point, last));
}

/** The first offset that a hold keeps. */
function heldFrom({ first, last, bytesFrom }: TrimView, { after, bytes }: RetentionHold): number {
  const exceeds = (offset: number): boolean => (bytesFrom(offset) ?? 0) > bytes;
  return firstOffset(Math.max(first, after + 1), last, (offset) => !exceeds(offset));
}

/** Whether an entry stored then is older than `age` now. */
export function isOver(age: bigint | undefined, storedAt: bigint, now: bigint): boolean {
  return age !== undefined && now - storedAt > age;
}
