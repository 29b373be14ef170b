import { seesWholeBroker, type Caller } from '../access/caller.js';
import type { CursorWriter, Position } from '../events/cursor.js';
import type { Durability, EventStore, Retention } from '../history/store.js';
import { positionAt } from './position.js';

export type { Retention };

/** The extent of the history at a moment. */
export interface Description {
  readonly epoch: string;
  readonly durability: Durability;
  /** Undefined while the history is empty. */
  readonly first: StoredPosition | undefined;
  readonly last: StoredPosition | undefined;
  readonly entryCount: number;
  /** Bytes that count for `Retention.bytes`. */
  readonly entryBytes: number;
  readonly keptExitCount: number;
  /** Entries that retention has removed for good. */
  readonly trimmedCount: number;
  readonly storedBytes: number;
  readonly subscriptionCount: number;
}

export interface StoredPosition extends Position {
  /** ns since 1970. */
  readonly storedAt: bigint;
}

export async function describeHistory(
  caller: Caller,
  store: EventStore,
  cursors: CursorWriter,
  subscriptionCount: number,
): Promise<Description> {
  const bounds = await store.bounds();
  const { first, last, entryBytes, lastingEntries } = bounds;
  const seesAll = seesWholeBroker(caller);
  return {
    epoch: store.epoch,
    durability: store.durability,
    first: await position(first, bounds.firstStoredAt, store, cursors),
    last: await position(last, bounds.lastStoredAt, store, cursors),
    entryCount: last - first + 1,
    entryBytes: seesAll ? entryBytes : 0,
    keptExitCount: lastingEntries,
    trimmedCount: first - 1 - lastingEntries,
    storedBytes: seesAll ? await store.storedBytes() : 0,
    subscriptionCount,
  };
}

/**
 * Undefined while the history is empty. If the entry was just trimmed, the position of the next
 * one.
 */
async function position(
  offset: number,
  storedAt: bigint,
  store: EventStore,
  cursors: CursorWriter,
): Promise<StoredPosition | undefined> {
  const read = await store.read(Math.max(0, offset - 1), { entries: 1, bytes: 1 });
  if (read.kind === 'trimmed') return position(read.first, storedAt, store, cursors);
  // A damaged entry does not change where the history begins and ends.
  if (read.kind === 'damaged') return { ...(await positionAt(offset, store, cursors)), storedAt };
  const [entry] = read.entries;
  return (
    entry && {
      cursor: cursors.cursor(entry.offset, entry.fingerprint),
      offset: entry.offset,
      storedAt: entry.storedAt,
    }
  );
}
