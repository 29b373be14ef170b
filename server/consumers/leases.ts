import type { LeaseName } from './consumer-store.js';
import type { KeptLease } from './facts-change.js';

interface Lease extends LeaseName {
  until: number;
  /** The settlement of its event is being stored. */
  isSettling: boolean;
}

/** The leases of one consumer, by their keys. Times are in ms of one clock. */
export class Leases {
  readonly #byKey = new Map<string, Lease>();

  get size(): number {
    return this.#byKey.size;
  }

  /** Removes leases that have run out; returns how many are left. */
  countLasting(now: number): number {
    for (const [key, lease] of this.#byKey) if (this.#isOver(lease, now)) this.#byKey.delete(key);
    return this.#byKey.size;
  }

  /** How long a key cannot be leased; 0 or less if it can. */
  blockedFor(key: string, now: number): number {
    const lease = this.#byKey.get(key);
    if (lease === undefined) return 0;
    return lease.isSettling ? Math.max(1, lease.until - now) : lease.until - now;
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

  grant({ id, key, member, attempt }: LeaseName, until: number): void {
    this.#byKey.set(key, { id, key, member, attempt, until, isSettling: false });
  }

  /** Keeps the lease of an event whose settlement is being stored. */
  settling({ id, key, member, attempt }: LeaseName, until: number): void {
    this.#byKey.set(key, { id, key, member, attempt, until, isSettling: true });
  }

  /** Keeps the lease of an event whose settlement could not be stored. */
  unsettled(key: string): void {
    const lease = this.#byKey.get(key);
    if (lease !== undefined) lease.isSettling = false;
  }

  free(key: string, id: number): void {
    if (this.#byKey.get(key)?.id === id) this.#byKey.delete(key);
  }

  /** Ends the leases of a member but those of some events. */
  keepOnly(member: string, ids: ReadonlySet<number>): void {
    for (const [key, lease] of this.#byKey) {
      if (lease.member !== member || lease.isSettling || ids.has(lease.id)) continue;
      this.#byKey.delete(key);
    }
  }

  clear(): void {
    this.#byKey.clear();
  }

  /** The leases that last, with the time that they have left. */
  kept(now: number): KeptLease[] {
    this.countLasting(now);
    return [...this.#byKey.values()].map(({ id, key, member, attempt, until }) => ({
      ...{ id, key, member, attempt },
      leftMs: until - now,
    }));
  }

  #isOver({ until, isSettling }: Lease, now: number): boolean {
    return !isSettling && until <= now;
  }
}
