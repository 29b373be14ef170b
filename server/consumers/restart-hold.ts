import type { HeldBack } from './consumer-store.js';
import type { KeptHold } from './lease-log.js';

/**
 * Events that members may still work on after a power cut, which leaves no leases to know. They are
 * held back until the leases have run out, or until all members have come back and said which
 * events they have.
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
    private readonly members: readonly string[],
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

  isOver(now: number): boolean {
    return now >= this.until || (this.#awaited.size === 0 && this.#claimed.size === 0);
  }

  /** The events above a floor that are held back at most. */
  heldAbove(floor: number, settled: Iterable<number>, now: number): HeldBack | undefined {
    let events = this.#claimed.size;
    if (this.#awaited.size > 0) {
      events = Math.max(0, this.upTo - floor);
      for (const id of settled) if (id <= this.upTo) events -= 1;
    }
    return events <= 0 ? undefined : { events, ms: this.until - now };
  }

  /** The part of it that the next process has to know; undefined if it is over. */
  kept(now: number): KeptHold | undefined {
    if (this.isOver(now)) return undefined;
    const { upTo, until, members } = this;
    return { upTo, until, members };
  }
}
