import type { HeldBack, LeaseName } from './consumer-store.js';
import type { KeptLease } from './facts-change.js';

interface Lease extends LeaseName {
  until: number;
  /** The settlement of its event is being stored. */
  isSettling: boolean;
  /** It was granted by a process before, and its member has not come back. */
  isRestored: boolean;
}

const GROUP_SIZE = 1000;
/** How long an event rests whose settlement is being stored: it may be given back. */
const SETTLING_MS = 50;

/** The leases of one consumer, by their keys. Times are in ms of one clock. */
export class Leases {
  readonly #byKey = new Map<string, Lease>();

  get size(): number {
    return this.#byKey.size;
  }

  /**
   * Removes leases that have run out; returns how many are left. Restored ones stay until their
   * events are claimed, because nothing else knows their attempts.
   */
  countLasting(now: number): number {
    let lasting = 0;
    for (const [key, lease] of this.#byKey) {
      if (!this.#isOver(lease, now)) lasting += 1;
      else if (!lease.isRestored) this.#byKey.delete(key);
    }
    return lasting;
  }

  /** How long a key cannot be leased; 0 or less if it can. */
  blockedFor(key: string, now: number): number {
    const lease = this.#byKey.get(key);
    if (lease === undefined) return 0;
    return lease.isSettling ? SETTLING_MS : lease.until - now;
  }

  /** The number of the last delivery of an event, if its lease is still known. */
  lastAttempt(key: string, id: number): number {
    const lease = this.#byKey.get(key);
    return lease?.id === id ? lease.attempt : 0;
  }

  /** Whether a lease is the current one of its key, or could be. */
  isFreeFor({ id, key, member, attempt }: LeaseName, now: number): boolean {
    const lease = this.#byKey.get(key);
    if (lease === undefined) return true;
    if (lease.id === id) return lease.member === member && lease.attempt === attempt;
    return this.#isOver(lease, now);
  }

  grant({ id, key, member, attempt }: LeaseName, until: number): LeaseName {
    const lease = { id, key, member, attempt, until, isSettling: false, isRestored: false };
    this.#byKey.set(key, lease);
    return lease;
  }

  /** Puts a lease back that a process before granted. */
  restore({ id, key, member, attempt }: LeaseName, until: number): void {
    const lease = { id, key, member, attempt, until, isSettling: false, isRestored: true };
    this.#byKey.set(key, lease);
  }

  /** Removes the leases that are over. */
  drop(isOver: (lease: LeaseName) => boolean): void {
    for (const [key, lease] of this.#byKey) if (isOver(lease)) this.#byKey.delete(key);
  }

  /** The restored leases that last. */
  restored(now: number): HeldBack | undefined {
    let [events, ms] = [0, 0];
    for (const lease of this.#byKey.values()) {
      if (!lease.isRestored || this.#isOver(lease, now)) continue;
      events += 1;
      ms = Math.max(ms, lease.until - now);
    }
    return events === 0 ? undefined : { events, ms };
  }

  /** Keeps the lease of an event whose settlement is being stored. */
  settling({ id, key, member, attempt }: LeaseName, until: number): void {
    this.#byKey.set(key, { id, key, member, attempt, until, isSettling: true, isRestored: false });
  }

  /** Keeps the lease of an event whose settlement could not be stored. */
  unsettled(key: string): void {
    const lease = this.#byKey.get(key);
    if (lease !== undefined) lease.isSettling = false;
  }

  free(key: string, id: number): void {
    if (this.#byKey.get(key)?.id === id) this.#byKey.delete(key);
  }

  /** Ends the leases of a member but those of some events, and returns them. */
  keepOnly(member: string, ids: ReadonlySet<number>): LeaseName[] {
    const ended: LeaseName[] = [];
    for (const [key, lease] of this.#byKey) {
      if (lease.member !== member) continue;
      lease.isRestored = false;
      if (lease.isSettling || ids.has(lease.id)) continue;
      this.#byKey.delete(key);
      ended.push(lease);
    }
    return ended;
  }

  clear(): void {
    this.#byKey.clear();
  }

  /** The leases that last, with the time that they have left. */
  kept(now: number): KeptLease[] {
    const lasting = [...this.#byKey.values()].filter((lease) => !this.#isOver(lease, now));
    return lasting.map(({ id, key, member, attempt, until }) => ({
      ...{ id, key, member, attempt },
      leftMs: until - now,
    }));
  }

  /** All leases, in groups of moderate size that run out together. */
  *byDeadline(): Generator<readonly Lease[]> {
    let group: Lease[] = [];
    for (const lease of this.#byKey.values()) {
      if (group.length === GROUP_SIZE || (group[0] && group[0].until !== lease.until)) {
        yield group;
        group = [];
      }
      group.push(lease);
    }
    if (group.length > 0) yield group;
  }

  #isOver({ until, isSettling }: Lease, now: number): boolean {
    return !isSettling && until <= now;
  }
}
