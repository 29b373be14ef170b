import type { EventView } from '../events/event-view.js';

/** What a live subscription may hold that its reader has not taken; beyond it goes back to reading the store. */
const MOST = { entries: 1024, bytes: 1024 * 1024 };

/** The entries that a subscription's reader is to take next. */
export class Window {
  #entries: EventView[] = [];
  #bytes = 0;

  get length(): number {
    return this.#entries.length;
  }

  get isFull(): boolean {
    return this.#entries.length >= MOST.entries || this.#bytes >= MOST.bytes;
  }

  /** @param bytes what it counts for */
  push(entry: EventView, bytes: number): void {
    this.#entries.push(entry);
    this.#bytes += bytes;
  }

  /** All of them, or the first ones if only so many are wanted; nothing is left. */
  take(most: number): EventView[] {
    const taken = this.#entries;
    this.#entries = [];
    this.#bytes = 0;
    return taken.length > most ? taken.slice(0, most) : taken;
  }
}
