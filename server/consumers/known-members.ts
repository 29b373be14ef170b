import type { Claim } from './consumer-store.js';

/** Members without leases that are remembered, because they may still be attached. */
const MAX_FORGOTTEN = 10_000;

/**
 * The members that may have leases, by name. The log of a store has them all, because after a power
 * cut it waits for each of them.
 */
export class KnownMembers {
  /** When the last lease of each runs out. */
  readonly #until = new Map<string, number>();

  /** Those that were forgotten and may claim again, oldest first. */
  readonly #forgotten = new Set<string>();

  names(): string[] {
    return [...this.#until.keys()];
  }

  add(member: string, until: number): void {
    this.#forgotten.delete(member);
    this.#until.set(member, Math.max(until, this.#until.get(member) ?? 0));
  }

  delete(member: string): void {
    if (!this.#until.delete(member)) return;
    this.#forgotten.add(member);
    if (this.#forgotten.size <= MAX_FORGOTTEN) return;
    for (const oldest of this.#forgotten) {
      this.#forgotten.delete(oldest);
      return;
    }
  }

  /** The members of claims that were forgotten. */
  forgotten(claims: readonly Claim[]): string[] {
    if (this.#forgotten.size === 0) return [];
    const members = new Set(claims.map(({ member }) => member));
    return [...members].filter((member) => this.#forgotten.has(member));
  }

  /** Those whose leases have all run out: nothing has to wait for them any more. */
  gone(now: number): string[] {
    return [...this.#until].filter(([, until]) => until <= now).map(([member]) => member);
  }
}
