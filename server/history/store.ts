import type { Clock } from '../../protocol/clock.js';
import type { ContainerKey, Filing } from '../events/filing.js';

/**
 * The contract of an event store: an ordered, durable history. `conformance/store/index.ts`
 * holds every driver to every sentence of it.
 *
 * - Every stored envelope becomes an entry with an offset: 1, 2, 3, … without holes, in the order of
 *   the calls to `append`. A clock never decides order.
 * - An entry is visible to `read` and told to `tail` only once it is durable, and to both at once.
 * - What was appended once never changes, and goes only by `trim`.
 * - A failed append stores nothing, and the store goes on working when the cause is gone.
 */
export interface EventStore {
  /** 16 hexadecimal digits, made at random when the history is made; another epoch is another history. */
  readonly epoch: string;
  /** What a resolved append means. */
  readonly durability: StoreDurability;

  /**
   * Stores envelopes as the next entries, next to each other and in this order, except those that are there already: an
   * envelope with the `dedupeKey` of one that was appended within the dedupe window, or earlier in the same call, is not
   * stored again. Concurrent calls share commits; that is the driver's business.
   *
   * Resolves once all are durable, with one place for each. Rejects with RESOURCE_EXHAUSTED when there is no room, and with
   * INVALID_ARGUMENT for keys that `checkKeys` refuses; then none is stored.
   */
  append(envelopes: readonly EncodedEnvelope[]): Promise<Appended[]>;

  /**
   * The entries after an offset, in order: at least one if there is one, at most what `limit` says.
   * With a scope, only those in it, without a scan.
   *
   * Rejects with OUT_OF_RANGE when entries after `after` have been trimmed, in the scope or not, and with DATA_LOSS
   * when an entry is not what was stored.
   */
  read(after: number, limit: ReadLimit, scope?: Scope): Promise<Entry[]>;

  /** Like `read`, of the exits that have outlasted the entries around them: their offsets lie before `first`, with holes. */
  readKeptExits(after: number, limit: ReadLimit, scope?: Scope): Promise<Entry[]>;

  /** What a namespace's entries and kept exits are filed under, in no particular order, each once. */
  keys(namespace: string): AsyncIterable<ContainerKey>;

  /**
   * Tells every entry appended from now on, once, in order, in batches; the entries of one `append` to this store in
   * the same one. What a listener throws is an uncaught exception, and no failure of the append.
   */
  tail(onEntries: (entries: readonly Entry[]) => void): Stop;

  /** Where the history begins and ends at this moment. */
  bounds(): Promise<Bounds>;

  /**
   * The smallest offset from `first` on such that no earlier entry has `entryTime` at or after `time`; one past the
   * last entry when none has. Needs no scan.
   */
  offsetAt(time: bigint): Promise<number>;

  /**
   * Takes one small step of removing what is over budget, oldest first; appends and reads go on meanwhile. The newest entry
   * always stays. Exits among what goes are kept on, before `first`, until they are over their own age.
   */
  trim(retention: Retention): Promise<Trimmed>;

  /**
   * Finishes what was accepted, then lets go of everything. May be called twice. Every other call
   * rejects with UNAVAILABLE from then on.
   */
  close(): Promise<void>;
}

/**
 * A store whose history may change from outside while it is open: others write to it, too, and its server may be emptied,
 * or come back with an older copy.
 */
export interface SharedStore extends EventStore {
  /**
   * Calls back when the history is no longer the one that was told so far: another epoch, or the newest entries gone. From
   * then on everything is of the history as it is now, and `tail` tells what comes after `last`, its newest entry (offset 0
   * for none).
   */
  onReset(listener: (last: Pick<Entry, 'offset' | 'fingerprint'>) => void): Stop;
}

/**
 * memory: gone when the process that keeps it ends. os: survives that process, not the machine. second: the last two
 * seconds may be gone with either. fsync: survives power loss.
 */
export type StoreDurability = 'memory' | 'os' | 'second' | 'fsync';

export type { ContainerKey, Filing };

/** An envelope ready to be stored. */
export interface EncodedEnvelope {
  /** An encoded containerd.types.Envelope. */
  readonly bytes: Uint8Array;
  /** The envelope's timestamp, ns since 1970. */
  readonly timestamp: bigint;
  /** The same that `StoreSettings.filingOf` says of `bytes`. */
  readonly filing: Filing;
  /** 1 to 160 bytes, equal for what counts as the same; undefined for what is never a duplicate. */
  readonly dedupeKey: Uint8Array | undefined;
  /** Not stored. A store may report it to `tail` as the entry's `origin`, and keeps it no longer. */
  readonly origin?: unknown;
}

/** Where an appended envelope is; for a duplicate, where the first one is. */
export interface Appended {
  readonly offset: number;
  /** The entry's, to make a cursor of. */
  readonly fingerprint: number;
  readonly duplicate: boolean;
}

/** One container's entries, or of those only its lifecycle, as `Filing.isLifecycle` has it. */
export interface Scope {
  /** Without a namespace: the containers with this id in all namespaces. */
  readonly key: ContainerKey | IdInAnyNamespace;
  readonly lifecycleOnly: boolean;
}

interface IdInAnyNamespace {
  readonly namespace: undefined;
  readonly container: string;
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
  /** The appended envelope's `origin`. Only in `tail`, and only where this store has appended it. */
  readonly origin?: unknown;
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
  /** What `Retention.bytes` limits: of the entries from first to last, the envelopes and ENTRY_OVERHEAD for each. */
  readonly entryBytes: number;
  /** How many exits are kept from before `first`. */
  readonly keptExits: number;
}

/** About what an entry takes in a store besides its envelope: its header and its places in indexes. */
export const ENTRY_OVERHEAD = 100;

/** Limits of what is kept; undefined is no limit. */
export interface Retention {
  /** Entries stored longer ago than this go, ns. */
  readonly age: bigint | undefined;
  /** See `Bounds.entryBytes`. */
  readonly bytes: number | undefined;
  readonly entries: number | undefined;
  /** Kept exits stored longer ago than this go, ns. */
  readonly exitsAge: bigint | undefined;
}

/** What one step of trimming did. */
export interface Trimmed {
  /** How many entries it took from those between first and last, and how many kept exits for good. */
  readonly removed: number;
  /** Whether nothing more is over budget now. */
  readonly done: boolean;
}

/** For how long an appended envelope makes another one with its `dedupeKey` a duplicate: both limits hold. */
export interface DedupeWindow {
  /** Entries appended since. */
  readonly entries: number;
  /** Time since it was stored, ns. */
  readonly age: bigint;
}

/** What every driver is opened with. */
export interface StoreSettings {
  readonly clock: Clock;
  /** How an appended envelope was filed; needed again to trim it. */
  readonly filingOf: (envelope: Uint8Array) => Filing;
  readonly dedupeWindow: DedupeWindow;
}

export type Stop = () => void;
