import type {
  Entry,
  EventStore,
  LastingReadResult,
  ReadResult,
} from '../../server/history/store.js';

type Read = Parameters<EventStore['read']>;

interface ReadHooks {
  /** Runs before each read of kept lasting entries, which waits for it. */
  readonly beforeLasting?: () => Promise<void>;
  /** Runs before each read, which waits for it. */
  readonly before?: (...read: Read) => Promise<void> | void;
  readonly after?: (entries: readonly Entry[]) => void;
}

/** Returns the store with hooks that run at each read. */
export function hookReads(
  store: EventStore,
  { before, after, beforeLasting }: ReadHooks,
): EventStore {
  const read = async (...asked: Read): Promise<ReadResult> => {
    await before?.(...asked);
    const result = await store.read(...asked);
    if (result.kind === 'entries') after?.(result.entries);
    return result;
  };
  const readLasting = async (...asked: Read): Promise<LastingReadResult> => {
    await beforeLasting?.();
    return store.readLasting(...asked);
  };
  return new Proxy(store, {
    get(target, name) {
      if (name === 'read') return read;
      if (name === 'readLasting') return readLasting;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
