import { firstOffset } from './first-offset.js';
import type { Retention } from './store.js';

/** A history as far as trimming looks at it. Each function gives undefined for an entry that cannot be told. */
export interface TrimView {
  readonly first: number;
  readonly last: number;
  readonly storedAt: (offset: number) => bigint | undefined;
  /** What `Retention.bytes` counts, of the entries from this one to the last. */
  readonly bytesFrom: (offset: number) => number | undefined;
}

/**
 * The first offset that stays. `last` always does. An entry that cannot be told is taken for one that stays: damage may
 * delay trimming, and never widens it.
 */
export function trimPoint(view: TrimView, retention: Retention, now: bigint): number {
  const { first, last } = view;
  const { age, bytes, entries } = retention;
  let point = first;
  if (entries !== undefined) point = Math.max(point, last - entries + 1);
  if (bytes !== undefined) {
    // What damage makes no number at all of stays, too.
    point = firstOffset(point, last, (offset) => !((view.bytesFrom(offset) ?? 0) > bytes));
  }
  if (age !== undefined) {
    point = firstOffset(point, last, (offset) => !isOver(age, view.storedAt(offset) ?? now, now));
  }
  return Math.max(first, Math.min(point, last));
}

/** Whether something stored then is older than `age` now. */
export function isOver(age: bigint | undefined, storedAt: bigint, now: bigint): boolean {
  return age !== undefined && now - storedAt > age;
}
