import type { Clock } from '../../protocol/clock.js';

/**
 * The contract of an event store: an ordered, durable history. The suite in `conformance/store`
 * holds every driver to every sentence of it.
 *
 * - Every stored envelope becomes an entry with an offset: 1, 2, 3, … without holes, in the order
 *   of the calls to `append`. A clock never decides order.
 * - An entry becomes visible to `read` and `tail` at once, and only when it is durable.
 * - A stored entry never changes. Only `trim` removes it.
 * - A failed append stores nothing, and the store works again once the cause is gone.
 *
 * A store knows nothing of what it stores. Each entry may have a key, by which it can be read
 * without a scan; see `key.ts` for the form of keys.
 */
export interface EventStore {
  /** 16 hexadecimal digits, random for each history: another epoch is another history. */
  readonly epoch: string;
  /** The guarantee of a resolved append. */
  readonly durability: Durability;

  /**
   * Stores entries next to each other and in this order, except duplicates: an entry whose
   * `dedupeKey` was appended within the dedupe window, or earlier in the same call, is not stored
   * again. Drivers may combine concurrent calls into one commit.
   *
   * Resolves once all are durable, with one answer for each. Rejects with RESOURCE_EXHAUSTED when
   * the store is full, and with INVALID_ARGUMENT for keys that `checkEntries` refuses. A call that
   * rejects has stored nothing.
   */
  append(entries: readonly NewEntry[]): Promise<Appended[]>;

  /**
   * Reads entries after an offset, in order: at least one if there is one, at most `limit`.
   * With a key, reads only the entries under it, without a scan. The result is `trimmed` when any
   * entry after `after` was trimmed, under the key or not.
   *
   * A damaged entry, which is not what was stored, ends a read before it. A read that would begin
   * with one returns `damaged` instead; the next read goes on after its `to`. Rejects with
   * DATA_LOSS when damage makes it impossible to say which entries are under the key.
   */
  read(after: number, limit: ReadLimit, key?: string): Promise<ReadResult>;

  /**
   * Reads the lasting entries that were kept when the entries around them were trimmed. Their
   * offsets lie before `first`, with holes. Reports damage as `read` does.
   */
  readLasting(after: number, limit: ReadLimit, key?: string): Promise<LastingReadResult>;

  /**
   * Lists the keys, `GROUP NUL NAME`, that begin with a prefix and have entries or kept lasting
   * entries: each once, in no particular order.
   */
  keys(prefix: string): AsyncIterable<string>;

  /**
   * Calls back with every entry appended from now on, once, in order and in batches. Entries of
   * one `append` to this store come in one batch. An error thrown by a listener is an uncaught
   * exception and does not fail the append.
   */
  tail(onEntries: (entries: readonly Entry[]) => void): Stop;

  /**
   * Resolves once `tail` has received every entry that was durable before this call, also those of
   * other writers, with the position of the newest one.
   */
  sync(): Promise<EntryPosition>;

  /** Returns where the history begins and ends. Cheap: called for each subscription. */
  bounds(): Promise<Bounds>;

  /** Returns the bytes that the history occupies where it is stored. May be slow. */
  storedBytes(): Promise<number>;

  /**
   * Returns the smallest offset, from `first` on, such that no earlier entry has an `entryTime` at
   * or after `time`; one past the last entry if none has. Needs no scan.
   */
  offsetAt(time: bigint): Promise<number>;

  /**
   * Takes one short step of removing entries that exceed `retention`, oldest first, while appends
   * and reads continue. The newest entry always stays. Lasting entries among those removed are
   * kept apart, before `first`, until they exceed limits of their own.
   */
  trim(retention: Retention): Promise<Trimmed>;

  /**
   * Finishes accepted calls, then releases all resources. May be called twice. Every other call
   * rejects with UNAVAILABLE from then on.
   */
  close(): Promise<void>;
}

/**
 * A store whose history may change from outside while it is open: other brokers write to it, and
 * its server may be emptied or restored from an older copy.
 */
export interface SharedStore extends EventStore {
  /**
   * Calls back when the history has been replaced (another epoch) or has lost its newest entries.
   * From then on every answer is about the new history, and `tail` continues after `last`, the
   * newest entry of that (offset 0 for none).
   */
  onReset(listener: (last: EntryPosition) => void): Stop;
}

/**
 * The events that an acknowledged entry survives. memory: none, it ends with its process.
 * os: a crash of that process, not of the machine. second: as fsync, except that a crash may lose
 * the last two seconds. fsync: power loss.
 */
export type Durability = 'memory' | 'os' | 'second' | 'fsync';

/** Lasting entries outlive the ordinary ones around them, see `Retention.lastingAge`. */
export type RetentionClass = 'ordinary' | 'lasting';

/** How an entry is found and how long it is kept. */
export interface Classification {
  /** `GROUP NUL NAME`, or `GROUP NUL NAME NUL`, see `key.ts`; undefined for no key. */
  readonly key: string | undefined;
  readonly retention: RetentionClass;
}

/** The classification of an envelope of which nothing is known. */
export const UNCLASSIFIED: Classification = { key: undefined, retention: 'ordinary' };

/** An envelope to be stored. */
export interface NewEntry extends Classification {
  /** An encoded containerd.types.Envelope. */
  readonly bytes: Uint8Array;
  /** The envelope's timestamp, ns since 1970. */
  readonly time: bigint;
  /** 1 to 160 bytes, equal for entries that count as the same; undefined for no duplicates. */
  readonly dedupeKey: Uint8Array | undefined;
  /** Not stored. A store may pass it to `tail` as the entry's `origin`. */
  readonly origin?: unknown;
}

/** Identifies an entry within an epoch: another history has another fingerprint at the offset. */
export interface EntryPosition {
  readonly offset: number;
  /** CRC-32 of the envelope's bytes; 0 at offset 0, before the first entry. */
  readonly fingerprint: number;
}

/** The answer for an appended entry: its position, or for a duplicate that of the original. */
export interface Appended extends EntryPosition {
  readonly duplicate: boolean;
}

/** An envelope in history. */
export interface Entry extends EntryPosition {
  /** When the broker stored it, ns since 1970; never less than the entry before. */
  readonly storedAt: bigint;
  /** The encoded containerd.types.Envelope, as it was appended. */
  readonly envelope: Uint8Array;
  /** The `origin` of the NewEntry. Only in `tail`, and only if this store has appended it. */
  readonly origin?: unknown;
}

export type ReadResult =
  | LastingReadResult
  /** Entries after the requested offset are gone; `first` is the oldest one left. */
  | { readonly kind: 'trimmed'; readonly first: number };

export type LastingReadResult =
  { readonly kind: 'entries'; readonly entries: readonly Entry[] } | Damage;

/**
 * The next entries that a read would have returned, all damaged: those from one offset up to and
 * including another. With a key, some of them may be of other keys.
 */
export interface Damage {
  readonly kind: 'damaged';
  readonly from: number;
  readonly to: number;
}

export interface ReadLimit {
  /** At least 1. */
  readonly entries: number;
  /** A read stops after the entry whose envelope reaches it, so one entry always fits. */
  readonly bytes: number;
}

/** In an empty history, `first` is one past `last`: 1 and 0 in a new one. */
export interface Bounds {
  /** Offset of the oldest entry, lasting entries kept from before it not counted. */
  readonly first: number;
  /** Offset of the newest entry. */
  readonly last: number;
  /** When the oldest was stored, ns since 1970; 0 for an empty history. */
  readonly firstStoredAt: bigint;
  /** When the newest was stored, ns since 1970; 0 for an empty history. */
  readonly lastStoredAt: bigint;
  /** Bytes that `Retention.bytes` limits: the envelopes, and ENTRY_OVERHEAD for each. */
  readonly entryBytes: number;
  /** Number of lasting entries kept from before `first`. */
  readonly lastingEntries: number;
}

/** Approximate bytes of an entry in a store besides its envelope: its header and index rows. */
export const ENTRY_OVERHEAD = 100;

/** Limits of what is kept; undefined for no limit. */
export interface Retention {
  /** Age of the oldest entry, ns. */
  readonly age: bigint | undefined;
  /** See `Bounds.entryBytes`. */
  readonly bytes: number | undefined;
  readonly entries: number | undefined;
  /** Age of the oldest lasting entry that is kept from before `first`, ns. */
  readonly lastingAge: bigint | undefined;
  /**
   * Bytes of all lasting entries kept from before `first`: their envelopes, and ENTRY_OVERHEAD for
   * each. The oldest ones go first.
   */
  readonly lastingBytes: number | undefined;
  /** Entries that stay although they exceed `age`, `bytes` or `entries`; none if absent. */
  readonly holds?: readonly RetentionHold[];
}

/** Keeps the entries after an offset, as far as they and all later ones have at most `bytes`. */
export interface RetentionHold {
  readonly after: number;
  /** Counted as for `Bounds.entryBytes`. */
  readonly bytes: number;
}

/** The outcome of one step of trimming. */
export interface Trimmed {
  /** Entries removed from between first and last, plus lasting entries removed for good. */
  readonly removed: number;
  /** Whether everything is within its limits now. */
  readonly done: boolean;
}

/** How long a `dedupeKey` is remembered: while both limits hold. */
export interface DedupeWindow {
  /** Entries appended since. */
  readonly entries: number;
  /** Time since it was stored, ns. */
  readonly age: bigint;
}

/** Settings that every driver takes. */
export interface StoreSettings {
  readonly clock: Clock;
  /**
   * Returns the classification that an envelope was appended with. Trimming asks for it, so that
   * drivers need not store it a second time beside the index.
   */
  readonly classify: (envelope: Uint8Array) => Classification;
  readonly dedupeWindow: DedupeWindow;
  /** Called with each damage that a read finds, as often as it is read. */
  readonly onDamage: (damage: Damage) => void;
  /** Called about each commit. Must not throw. */
  readonly observer?: StoreObserver | undefined;
}

/** Watches a store at work. Must not throw. */
export interface StoreObserver {
  /**
   * @param seconds how long the call that waited longest took to be durable
   * @param calls the entries of each call, and in `answers` the answers to them
   */
  committed(
    seconds: number,
    calls: readonly (readonly NewEntry[])[],
    answers: readonly (readonly Appended[])[],
  ): void;
  failed(error: unknown): void;
  /** A commit is on the disk. Drivers without a disk of their own never call it, nor the next. */
  flushed(seconds: number): void;
  /** A part of the write-ahead log is in the tables. */
  checkpointed(seconds: number): void;
  /** A database elsewhere has answered. Drivers without one never call it, nor the next. */
  roundTrip(seconds: number): void;
  /** The connection to it was lost, and there is a new one. */
  reconnected(): void;
}

export type Stop = () => void;
