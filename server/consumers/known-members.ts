import type { LeaseName } from './consumer-store.js';

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

  /** The members of claims or leases that were forgotten. */
  forgotten(leases: readonly Pick<LeaseName, 'member'>[]): string[] {
    if (this.#forgotten.size === 0) return [];
    const members = new Set(leases.map(({ member }) => member));
    return [...members].filter((member) => this.#forgotten.has(member));
  }

  /**
   * Forgets those whose leases have all run out, because nothing has to wait for them any more, and
   * returns them. They are forgotten before the log has it, so that one that claims meanwhile joins
   * again after that.
   *
   * @param returning a member that is not forgotten
   */
  forgetGone(now: number, returning: string): string[] {
    const gone: string[] = [];
    for (const [member, until] of this.#until) {
      if (until <= now && member !== returning) gone.push(member);
    }
    for (const member of gone) this.delete(member);
    return gone;
  }
}
