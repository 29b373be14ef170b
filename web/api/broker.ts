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
