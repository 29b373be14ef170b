import type { Position } from '../events/cursor.js';

/**
 * Limits of the views that a live subscription holds for its reader. Beyond them it goes back to
 * reading the store.
 */
const LIMITS = { views: 1024, bytes: 1024 * 1024 };
/** A window with a large view, which is kept only for a reader that takes it at once. */
const LARGE_BYTES = 2 * LIMITS.bytes;

/** The views that a subscription's reader is to take next. */
export class Window<View> {
  #views: View[] = [];
  #bytes = 0;
  #after: Position | undefined;

  get length(): number {
    return this.#views.length;
  }

  get isFull(): boolean {
    return this.#views.length >= LIMITS.views || this.#bytes >= LIMITS.bytes;
  }

  get isLarge(): boolean {
    return this.#bytes >= LARGE_BYTES;
  }

  /** Empties a large window and returns the position before its first view. */
  giveBack(): Position | undefined {
    if (!this.isLarge) return undefined;
    const after = this.#after;
    this.take(0);
    return after;
  }

  /** @param after the position before the view */
  push(view: View, bytes: number, after: Position): void {
    this.#after ??= after;
    this.#views.push(view);
    this.#bytes += bytes;
  }

  /** Leaves out the views that do not pass. */
  keep(passes: (view: View) => boolean): void {
    this.#views = this.#views.filter(passes);
  }

  /** Empties the window and returns the first `limit` views. */
  take(limit: number): View[] {
    const taken = this.#views;
    this.#views = [];
    this.#bytes = 0;
    this.#after = undefined;
    return taken.length > limit ? taken.slice(0, limit) : taken;
  }
}
