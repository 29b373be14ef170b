import { CONSUMER_LIMITS, type EventToPark, type ParkedEvent } from './consumer-store.js';

/** The parked events of one consumer, by their numbers. */
export class ParkedEvents {
  readonly #byNumber = new Map<number, ParkedEvent>();
  #bytes = 0;

  get size(): number {
    return this.#byNumber.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get replaying(): ParkedEvent[] {
    return [...this.#byNumber.values()].filter(({ isReplaying }) => isReplaying);
  }

  isReplaying(number: number): boolean {
    return this.#byNumber.get(number)?.isReplaying === true;
  }

  /** The space that is left, to be taken event by event. */
  space(): { readonly take: (event: EventToPark) => boolean } {
    let events = CONSUMER_LIMITS.parked - this.size;
    let bytes = CONSUMER_LIMITS.parkedBytes - this.#bytes;
    return {
      take: ({ envelope }) => {
        if (events < 1 || bytes < envelope.length) return false;
        events -= 1;
        bytes -= envelope.length;
        return true;
      },
    };
  }

  put(event: ParkedEvent): void {
    this.remove(event.number);
    this.#byNumber.set(event.number, event);
    this.#bytes += event.envelope.length;
  }

  remove(number: number): void {
    const event = this.#byNumber.get(number);
    if (event === undefined) return;
    this.#byNumber.delete(number);
    this.#bytes -= event.envelope.length;
  }

  replay(number: number): void {
    const event = this.#byNumber.get(number);
    if (event !== undefined) this.#byNumber.set(number, { ...event, isReplaying: true });
  }

  /** The events with numbers above `after`, in order. */
  after(after: number, limit: number): ParkedEvent[] {
    const events = [...this.#byNumber.values()].filter(({ number }) => number > after);
    return events.sort((a, b) => a.number - b.number).slice(0, limit);
  }

  /** Those of the numbers that are parked; all without numbers. */
  numbers(wanted: readonly number[] | undefined): number[] {
    if (wanted === undefined) return [...this.#byNumber.keys()];
    return [...new Set(wanted)].filter((number) => this.#byNumber.has(number));
  }
}
