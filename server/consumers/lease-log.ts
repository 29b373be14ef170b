import type { LeaseName } from './consumer-store.js';

/**
 * Keeps the leases of a local store beyond the process, so that after a kill only events that were
 * with a member are held back.
 */
export interface LeaseLog {
  /**
   * Resolves once a kill of the process cannot lose the leases.
   *
   * @param until when they run out, ms of the store's clock
   */
  granted(
    name: string,
    generation: number,
    leases: readonly LeaseName[],
    until: number,
  ): Promise<void>;

  /** Notes leases that ended while their events are not settled. */
  freed(name: string, generation: number, leases: readonly LeaseName[]): void;

  /**
   * Ends the log.
   *
   * @param isSuperfluous the leases that last are kept elsewhere
   */
  close(isSuperfluous: boolean): Promise<void>;
}

/** One entry of a lease log; it counts for one generation of a consumer. */
export interface LeaseLine {
  readonly name: string;
  readonly generation: number;
  /** When the granted leases run out. */
  readonly until?: number;
  readonly members?: readonly string[];
  /** Four values a lease: its event's id, its key, its member's index in `members`, the attempt. */
  readonly granted?: readonly (number | string)[];
  /** The event's id and the key of each lease. */
  readonly freed?: readonly (readonly [number, string])[];
  readonly hold?: KeptHold;
}

/** A RestartHold that goes on in the next process. */
export interface KeptHold {
  readonly upTo: number;
  readonly until: number;
  readonly members: readonly string[];
}

/** Leases in columns, because there are many of them. */
export function grantedLine(
  name: string,
  generation: number,
  leases: readonly LeaseName[],
  until: number,
): LeaseLine {
  const members: string[] = [];
  const granted: (number | string)[] = [];
  let at = -1;
  for (const { id, key, member, attempt } of leases) {
    if (members[at] !== member) {
      at = members.indexOf(member);
      if (at < 0) at = members.push(member) - 1;
    }
    granted.push(id, key, at, attempt);
  }
  return { name, generation, until, members, granted };
}

/** The leases that a line grants. */
export function* leasesIn({ members = [], granted = [] }: LeaseLine): Generator<LeaseName> {
  for (let at = 0; at < granted.length; at += 4) {
    const [id, key, member, attempt] = granted.slice(at, at + 4);
    const name = members[Number(member)] ?? '';
    yield { id: Number(id), key: String(key), member: name, attempt: Number(attempt) };
  }
}
