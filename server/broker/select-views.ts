import type { EventView } from '../events/event-view.js';
import { READ_LIMIT } from './shared-reads.js';
import type { SelectionSlices } from './selection-slices.js';
import type { DeliveredView, Deriver } from './view-type.js';

/**
 * Limit of one selection. Entries of one read stay below it; views that are derived from them may
 * not.
 */
const MAX_BYTES = 2 * READ_LIMIT.bytes;

interface WantedViews<View> {
  /** Returns a promise only where matching has to wait. */
  readonly passes: (view: View) => boolean | Promise<boolean>;
  /** Whether a view that does not pass stands for others that may be missing. */
  readonly isMissedSpan: (view: View) => boolean;
  readonly slices: SelectionSlices;
  /** Maximum number of views. */
  readonly atMost: number;
}

interface SelectedViews<View> {
  readonly wanted: readonly View[];
  /** The last entry that was considered. */
  readonly last: EventView | undefined;
  /** Whether views may be missing before `last`. Nothing is wanted then. */
  readonly isAtSpan: boolean;
}

/**
 * Derives the views of entries that were read from the store, and selects those that pass until
 * there are enough.
 */
export async function selectViews<View extends DeliveredView>(
  entries: readonly EventView[],
  deriver: Deriver<View>,
  { passes, isMissedSpan, atMost, slices }: WantedViews<View>,
): Promise<SelectedViews<View>> {
  const wanted: View[] = [];
  let bytes = 0;
  let before: EventView | undefined;
  for (const entry of entries) {
    let view = deriver.next(entry);
    if (view instanceof Promise) {
      view = await view;
      // It has read other entries, which may have taken as long as a slice.
      await slices.pause();
    }
    if (view === undefined) continue;
    const passing = passes(view);
    if (passing instanceof Promise ? await passing : passing) {
      wanted.push(view);
      bytes += view.wireBytes;
      if (wanted.length >= atMost || bytes >= MAX_BYTES)
        return { wanted, last: entry, isAtSpan: false };
    } else if (isMissedSpan(view)) {
      // Views before the span are delivered first.
      return wanted.length > 0
        ? { wanted, last: before, isAtSpan: false }
        : { wanted, last: entry, isAtSpan: true };
    }
    if (slices.isLong) return { wanted, last: entry, isAtSpan: false };
    before = entry;
  }
  return { wanted, last: entries.at(-1), isAtSpan: false };
}
