/**
 * Limits of the views that a live subscription holds for its reader. Beyond them it goes back to
 * reading the store.
 */
const LIMITS = { views: 1024, bytes: 1024 * 1024 };

/** The views that a subscription's reader is to take next. */
export class Window<View> {
  #views: View[] = [];
  #bytes = 0;

  get length(): number {
    return this.#views.length;
  }

  get isFull(): boolean {
    return this.#views.length >= LIMITS.views || this.#bytes >= LIMITS.bytes;
  }

  push(view: View, bytes: number): void {
    this.#views.push(view);
    this.#bytes += bytes;
  }

  /** Empties the window and returns the first `limit` views. */
  take(limit: number): View[] {
    const taken = this.#views;
    this.#views = [];
    this.#bytes = 0;
    return taken.length > limit ? taken.slice(0, limit) : taken;
  }
}
