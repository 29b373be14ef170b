import { CONSUMER_LIMITS, type Try } from './consumer-store.js';
import type { TriedEvent } from './facts-change.js';

interface Tried extends TriedEvent {
  readonly until: number;
}

/** The failed tries of a consumer's unsettled events. */
export class FailedTries {
  readonly #byId = new Map<number, Tried>();

  get size(): number {
    return this.#byId.size;
  }

  attempts(id: number): number {
    return this.#byId.get(id)?.attempts ?? 0;
  }

  /** The tries of an event with another one. */
  with(id: number, latest: Try): Try[] {
    const before = this.#byId.get(id)?.tries ?? [];
    return [...before, latest].slice(-CONSUMER_LIMITS.tries);
  }

  of(id: number): readonly Try[] {
    return this.#byId.get(id)?.tries ?? [];
  }

  /** How long an event is not to be delivered; 0 or less if it may be. */
  blockedFor(id: number, now: number): number {
    return (this.#byId.get(id)?.until ?? now) - now;
  }

  put(tried: TriedEvent, now: number): void {
    this.#byId.set(tried.id, { ...tried, until: now + tried.delayMs });
  }

  forget(id: number): void {
    this.#byId.delete(id);
  }

  /** Forgets the tries of the events up to an offset; those of parked events are below 0. */
  forgetUpTo(offset: number): void {
    for (const id of this.#byId.keys()) if (id > 0 && id <= offset) this.#byId.delete(id);
  }

  all(): TriedEvent[] {
    return [...this.#byId.values()].map(({ id, attempts, delayMs, tries }) => ({
      ...{ id, attempts, delayMs, tries },
    }));
  }
}
