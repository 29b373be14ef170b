/**
 * Events that members of a process that was killed may still work on. They are held back until the
 * leases have run out, or until all members have come back and said which events they have.
 */
export class RestartHold {
  readonly #awaited: Set<string>;
  readonly #claimed = new Set<number>();

  /**
   * @param upTo offset of the last event that may have been leased
   * @param until when all leases of that time have run out
   */
  constructor(
    private readonly upTo: number,
    private readonly until: number,
    members: Iterable<string>,
  ) {
    this.#awaited = new Set(members);
  }

  returned(member: string, held: readonly number[]): void {
    if (!this.#awaited.delete(member)) return;
    for (const id of held) this.#claimed.add(id);
  }

  /** The member that had the event has its lease again. */
  leased(id: number): void {
    this.#claimed.delete(id);
  }

  /** How long an event is held back; 0 or less if it is not. */
  heldFor(id: number, now: number): number {
    if (id > this.upTo || now >= this.until) return 0;
    return this.#awaited.size > 0 || this.#claimed.has(id) ? this.until - now : 0;
  }
}
