import type { Entry, EventStore } from '../../server/history/store.js';

type Read = Parameters<EventStore['read']>;

interface ReadHooks {
  /** Runs before each read of kept exits, which waits for it. */
  readonly beforeKeptExits?: () => Promise<void>;
  /** Runs before each read, which waits for it. */
  readonly before?: (...read: Read) => Promise<void> | void;
  readonly after?: (entries: readonly Entry[]) => void;
}

/** Returns the store with hooks that run at each read. */
export function hookReads(
  store: EventStore,
  { before, after, beforeKeptExits }: ReadHooks,
): EventStore {
  const read = async (...asked: Read): Promise<Entry[]> => {
    await before?.(...asked);
    const entries = await store.read(...asked);
    after?.(entries);
    return entries;
  };
  const readKeptExits = async (...asked: Read): Promise<Entry[]> => {
    await beforeKeptExits?.();
    return store.readKeptExits(...asked);
  };
  return new Proxy(store, {
    get(target, name) {
      if (name === 'read') return read;
      if (name === 'readKeptExits') return readKeptExits;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
