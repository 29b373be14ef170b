import type { CursorWriter, Position } from '../events/cursor.js';
import type { EventStore } from '../history/store.js';

/** The position alone, which does not keep the entry in memory that it may be. */
export function positionOf({ offset, cursor }: Position): Position {
  return { offset, cursor };
}

/** Where the history ends at this moment. The store's tail has received everything up to there. */
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
 * Undefined where no entry is, or no longer; 0 for the position before the first one ever; NaN for a
 * damaged entry.
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
