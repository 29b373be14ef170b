import type { CursorWriter } from '../events/cursor.js';
import type { EventStore, StoreDurability } from '../history/store.js';

/** What the history holds at a moment. */
export interface Description {
  readonly epoch: string;
  readonly durability: StoreDurability;
  /** Undefined while the history is empty. */
  readonly first: Position | undefined;
  readonly last: Position | undefined;
  readonly entryCount: number;
  readonly storedBytes: number;
  readonly subscriptionCount: number;
}

export interface Position {
  readonly cursor: string;
  readonly offset: number;
  /** ns since 1970. */
  readonly storedAt: bigint;
}

export async function describeHistory(
  store: EventStore,
  cursors: CursorWriter,
  subscriptionCount: number,
): Promise<Description> {
  const { first, last, storedBytes } = await store.bounds();
  const position = async (offset: number): Promise<Position | undefined> => {
    const [entry] = await store.read(offset - 1, { entries: 1, bytes: 1 });
    return (
      entry && {
        cursor: cursors.cursor(entry.offset, entry.fingerprint),
        offset: entry.offset,
        storedAt: entry.storedAt,
      }
    );
  };
  return {
    epoch: store.epoch,
    durability: store.durability,
    first: await position(first),
    last: last === 0 ? undefined : await position(last),
    entryCount: last - first + 1,
    storedBytes,
    subscriptionCount,
  };
}
