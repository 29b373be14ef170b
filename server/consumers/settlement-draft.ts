import type { LeaseName, ParkedEvent, Settlement, Try } from './consumer-store.js';
import type { FactsChange, TriedEvent } from './facts-change.js';
import type { FailedTries } from './tries.js';

/** The facts that settlements are decided with. */
interface FactsForSettling {
  readonly tries: FailedTries;
  /** ms since 1970. */
  readonly date: () => number;
  /** Takes the number of another parked event. */
  readonly nextParked: () => number;
}

/** The change that makes settlements lasting, while it is put together. */
export class SettlementDraft implements FactsChange {
  readonly settled: number[] = [];
  readonly tries: TriedEvent[] = [];
  readonly parked: ParkedEvent[] = [];
  readonly unparked: number[] = [];
  acknowledged = 0;
  failed = 0;
  readonly #facts: FactsForSettling;

  constructor(facts: FactsForSettling) {
    this.#facts = facts;
  }

  add(settlement: Settlement): void {
    const { id } = settlement;
    switch (settlement.kind) {
      case 'ack':
        this.acknowledged += 1;
        if (id < 0) this.unparked.push(-id);
        else this.settled.push(id);
        return;
      case 'release':
        this.#release(settlement);
        return;
      default:
        this.#fail(settlement);
    }
  }

  #release({ id, attempt }: LeaseName): void {
    const tries = this.#facts.tries.of(id);
    this.tries.push({ id, attempts: attempt - 1, delayMs: 0, tries });
  }

  #fail(settlement: Settlement & { kind: 'retry' | 'park' }): void {
    const { id, attempt } = settlement;
    this.failed += 1;
    const tries = this.#facts.tries.with(id, this.#tryOf(settlement));
    if (settlement.kind === 'retry') {
      this.tries.push({ id, attempts: attempt, delayMs: settlement.delayMs, tries });
      return;
    }
    this.parked.push(this.#park(settlement, tries));
    if (id > 0) this.settled.push(id);
  }

  #tryOf({ attempt, member, reason }: LeaseName & { readonly reason: string }): Try {
    return { attempt, member, reason, time: this.#facts.date() };
  }

  #park(
    { id, key, reason, event }: Settlement & { kind: 'park' },
    tries: readonly Try[],
  ): ParkedEvent {
    const number = id < 0 ? -id : this.#facts.nextParked();
    const time = this.#facts.date();
    return { ...event, number, key, reason, time, tries, isReplaying: false };
  }
}
