import type { CursorWriter, Position } from '../events/cursor.js';
import type { EventStore } from '../history/store.js';

/** A copy of the position. A view is a position, too, but would keep its entry in memory. */
export function positionOf({ offset, cursor }: Position): Position {
  return { offset, cursor };
}

/** The end of the history. The store's tail has reported everything up to it. */
export async function lastPosition(store: EventStore, cursors: CursorWriter): Promise<Position> {
  const { offset, fingerprint } = await store.sync();
  return { offset, cursor: cursors.cursor(offset, fingerprint) };
}

/** The position before the first entry that is kept. */
export async function positionBeforeFirst(
  store: EventStore,
  cursors: CursorWriter,
): Promise<Position> {
  const { first } = await store.bounds();
  return positionAt(first - 1, store, cursors);
}

export async function positionAt(
  offset: number,
  store: EventStore,
  cursors: CursorWriter,
): Promise<Position> {
  const fingerprint = await fingerprintAt(offset, store);
  const isKnown = fingerprint !== undefined && !Number.isNaN(fingerprint);
  return { offset, cursor: cursors.cursor(offset, isKnown ? fingerprint : UNKNOWN_FINGERPRINT) };
}

/** The fingerprint in a cursor of a damaged entry, see `findGap`. */
const UNKNOWN_FINGERPRINT = 0;

/**
 * The fingerprint of the entry at an offset: 0 at offset 0, undefined if no entry is there, or no
 * longer.
 */
export async function fingerprintAt(
  offset: number,
  store: EventStore,
): Promise<number | undefined> {
  if (offset === 0) return 0;
  const read = await store.read(offset - 1, { entries: 1, bytes: 1 });
  if (read.kind === 'damaged') return NaN;
  const entry = read.kind === 'entries' ? read.entries[0] : undefined;
  return entry?.offset === offset ? entry.fingerprint : undefined;
}
