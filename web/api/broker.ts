/** The extent of the history, as /v1/describe has it. */
export interface ApiDescription {
  readonly store: string;
  readonly version: string;
  readonly durability: string;
  readonly epoch: string;
  readonly entry_count: number;
  readonly stored_bytes: number;
  readonly kept_exit_count: number;
  readonly trimmed_count: number;
  readonly subscription_count: number;
  readonly first: ApiPosition | null;
  readonly last: ApiPosition | null;
  readonly retention: {
    readonly age_seconds: number | null;
    readonly bytes: number | null;
    readonly count: number | null;
  };
}

export interface ApiPosition {
  readonly offset: number;
  readonly stored_at: string | null;
}

/** Somebody who reads the history now. */
export interface ApiReader {
  readonly id: string | number;
  /** Empty for a local caller without a name. */
  readonly caller: string;
  readonly opened_at: string | null;
  readonly state: 'live' | 'reading';
  /** Entries that are still to be read. */
  readonly lag: number;
}

export interface ApiReadiness {
  readonly ready: boolean;
  /** Why events cannot be stored. */
  readonly reasons: readonly ApiTrouble[];
  /** Troubles that need attention, though events can be stored. */
  readonly warnings: readonly ApiTrouble[];
}

export interface ApiTrouble {
  readonly source: string;
  readonly reason: string;
}

/** How fast the broker stores, since its start, and how much space there is. */
export interface ApiActivity {
  readonly append_seconds: ApiHistogram;
  readonly flush_seconds: ApiHistogram;
  readonly checkpoint_seconds: ApiHistogram;
  /** null for a store that is not in Redis. */
  readonly redis: {
    readonly round_trip_seconds: ApiHistogram;
    readonly reconnects: number;
  } | null;
  readonly disk: { readonly free: number; readonly size: number } | null;
  readonly headroom_seconds: number | null;
  readonly open_waits: number;
}

/** Durations in buckets with ascending upper bounds; the last count is of those above all. */
export interface ApiHistogram {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

export interface ApiRecorder {
  readonly kind: 'docker' | 'containerd';
  /** null for all namespaces. */
  readonly namespace: string | null;
  readonly state: 'attached' | 'daemon_away' | 'gone' | 'missing';
  readonly since: string | null;
  /** Why it does not follow its daemon; null if it does. */
  readonly reason: string | null;
  /** Events that wait for the broker; null for a recorder that does not report them. */
  readonly spool: { readonly entries: number; readonly oldest: string | null } | null;
}

/** A durable consumer. */
export interface ApiConsumer {
  readonly name: string;
  /** Why it delivers nothing; empty if it does. */
  readonly paused: string;
  readonly members: number;
  readonly lag: number;
  readonly in_flight: number;
  readonly parked: number;
  readonly failed_deliveries: number;
  /** Bytes of events that retention keeps for it; 0 for none. */
  readonly hold_bytes: number;
  /** Whether retention has removed events that it held, because they exceeded the limit. */
  readonly hold_exceeded: boolean;
}
