/**
 * The contract of an event store: an ordered, durable history. `test/server/history/conformance.ts`
 * holds every driver to every sentence of it.
 *
 * - Every stored envelope becomes an entry with an offset: 1, 2, 3, … without holes, in the order of
 *   the calls to `append`. A clock never decides order.
 * - An entry is visible to `read` and told to `tail` only once it is durable, and to both at once.
 * - What was appended once never changes.
 * - A failed append stores nothing, and the store goes on working when the cause is gone.
 */
export interface EventStore {
  /** Made at random when the history is made; another epoch is another history. */
  readonly epoch: string;
  /** What a resolved append means. */
  readonly durability: StoreDurability;

  /**
   * Stores envelopes as the next entries, next to each other and in this order. Concurrent calls share
   * commits; that is the driver's business.
   *
   * Resolves with the first one's offset once all are durable; without envelopes, with the offset of the
   * next entry. Rejects with RESOURCE_EXHAUSTED when there is no room, and with INVALID_ARGUMENT for a
   * key that `checkKey` refuses.
   */
  append(envelopes: readonly EncodedEnvelope[]): Promise<number>;

  /**
   * The entries after an offset, in order: at least one if there is one, at most what `limit` says.
   * With a key, only that container's, without a scan.
   *
   * Rejects with OUT_OF_RANGE when entries after `after` have been trimmed, and with DATA_LOSS
   * when an entry is not what was stored.
   */
  read(after: number, limit: ReadLimit, key?: ContainerKey): Promise<Entry[]>;

  /** The containers of a namespace that have entries, in no particular order, each once. */
  keys(namespace: string): AsyncIterable<ContainerKey>;

  /**
   * Tells every entry appended from now on, once, in order, in batches; the entries of one `append` in
   * the same one. What a listener throws is an uncaught exception, and no failure of the append.
   */
  tail(onEntries: (entries: readonly Entry[]) => void): Stop;

  /** Where the history begins and ends at this moment. */
  bounds(): Promise<Bounds>;

  /**
   * The smallest offset such that no earlier entry has `entryTime` at or after `time`; one past the
   * last entry when none has. Needs no scan.
   */
  offsetAt(time: bigint): Promise<number>;

  /**
   * Finishes what was accepted, then lets go of everything. May be called twice. Every other call
   * rejects with UNAVAILABLE from then on.
   */
  close(): Promise<void>;
}

export type StoreDurability = 'memory' | 'os' | 'fsync';

/** A container within its containerd namespace. */
export interface ContainerKey {
  readonly namespace: string;
  readonly container: string;
}

/** An envelope ready to be stored. */
export interface EncodedEnvelope {
  /** An encoded containerd.types.Envelope. */
  readonly bytes: Uint8Array;
  /** The envelope's timestamp, ns since 1970. */
  readonly timestamp: bigint;
  /** The container it is filed under, if it belongs to one. */
  readonly key: ContainerKey | undefined;
}

/** An envelope with its place in history. */
export interface Entry {
  readonly offset: number;
  /** When the broker stored it, ns since 1970; never less than the entry before. */
  readonly storedAt: bigint;
  /** CRC-32 of the envelope's bytes. */
  readonly fingerprint: number;
  /** The encoded containerd.types.Envelope, as it was appended. */
  readonly envelope: Uint8Array;
}

export interface ReadLimit {
  /** At least 1. */
  readonly entries: number;
  /** A read stops after the entry whose envelope reaches it, so that one entry always fits. */
  readonly bytes: number;
}

/** An empty history has `first` one past `last`: 1 and 0 when it is new. */
export interface Bounds {
  /** Offset of the oldest entry kept. */
  readonly first: number;
  /** Offset of the newest entry. */
  readonly last: number;
  /** When the oldest was stored, ns; 0 for an empty history. */
  readonly firstStoredAt: bigint;
  /** When the newest was stored, ns; 0 for an empty history. */
  readonly lastStoredAt: bigint;
  /** Bytes that the history takes where it is stored. */
  readonly storedBytes: number;
}

export type Stop = () => void;
