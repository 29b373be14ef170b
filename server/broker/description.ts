import type { CursorWriter, Position } from '../events/cursor.js';
import type { Durability, Entry, EventStore, Retention } from '../history/store.js';

export type { Retention };

/** What the history holds at a moment. */
export interface Description {
  readonly epoch: string;
  readonly durability: Durability;
  /** Undefined while the history is empty. */
  readonly first: StoredPosition | undefined;
  readonly last: StoredPosition | undefined;
  readonly entryCount: number;
  /** What the byte budget counts. */
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
  store: EventStore,
  cursors: CursorWriter,
  subscriptionCount: number,
): Promise<Description> {
  const { first, last, entryBytes, lastingEntries } = await store.bounds();
  return {
    epoch: store.epoch,
    durability: store.durability,
    first: await position(first, store, cursors),
    last: await position(last, store, cursors),
    entryCount: last - first + 1,
    entryBytes,
    keptExitCount: lastingEntries,
    trimmedCount: first - 1 - lastingEntries,
    storedBytes: await store.storedBytes(),
    subscriptionCount,
  };
}

/** Undefined while the history is empty; of the entry after it if this one was trimmed in this moment. */
async function position(
  offset: number,
  store: EventStore,
  cursors: CursorWriter,
): Promise<StoredPosition | undefined> {
  const entry = await entryFrom(offset, store);
  return (
    entry && {
      cursor: cursors.cursor(entry.offset, entry.fingerprint),
      offset: entry.offset,
      storedAt: entry.storedAt,
    }
  );
}

async function entryFrom(offset: number, store: EventStore): Promise<Entry | undefined> {
  const read = await store.read(Math.max(0, offset - 1), { entries: 1, bytes: 1 });
  return read.kind === 'entries' ? read.entries[0] : entryFrom(read.first, store);
}
