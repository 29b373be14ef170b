import type { PayloadTypes } from '../../protocol/payload-types.js';
import { CursorWriter } from '../events/cursor.js';
import type { Entry, EventStore, SharedStore, Stop } from '../history/store.js';
import { Delivery } from './delivery.js';
import { fingerprintAt } from './position.js';

/** A position as the store tells it. */
type Newest = Pick<Entry, 'offset' | 'fingerprint'>;

/** The history for as long as it is the same one: cursors of its epoch, and the delivery to those who read it. */
export class Lineage {
  readonly cursors: CursorWriter;
  readonly delivery: Delivery;

  /** @param last the newest entry; offset 0 for none */
  constructor(epoch: string, types: PayloadTypes, { offset, fingerprint }: Newest) {
    this.cursors = new CursorWriter(epoch);
    const cursor = this.cursors.cursor(offset, fingerprint);
    this.delivery = new Delivery(this.cursors, types, { offset, cursor });
  }
}

/** The lineage that a store has now. Whoever listens to its tail from the moment that this resolves misses nothing. */
export async function currentLineage(store: EventStore, types: PayloadTypes): Promise<Lineage> {
  for (;;) {
    // Others may append while we look where the history ends, or change it altogether.
    const seen: { newest?: Newest | undefined; changed: boolean } = { changed: false };
    const stopTail = store.tail((entries) => (seen.newest = entries.at(-1)));
    const stopReset = onReset(store, () => (seen.changed = true));
    try {
      const last = await lastEntry(store);
      if (!seen.changed) return new Lineage(store.epoch, types, seen.newest ?? last);
    } finally {
      stopTail();
      stopReset();
    }
  }
}

/** See SharedStore.onReset; other stores never do. */
export function onReset(store: EventStore, listener: (last: Newest) => void): Stop {
  return isShared(store) ? store.onReset(listener) : () => undefined;
}

function isShared(store: EventStore): store is SharedStore {
  return 'onReset' in store;
}

async function lastEntry(store: EventStore): Promise<Newest> {
  const { last } = await store.bounds();
  return { offset: last, fingerprint: (await fingerprintAt(last, store)) ?? 0 };
}
