import type { SliceSchedule } from './slice-schedule.js';

/**
 * A selection may take so many slices of a round. Then all readers of the same entries get about as
 * far in a round, so that they share reads, and what the first of them decodes.
 */
const SLICES_OF_ROUND = 4;
/** A selection ends after so many slices, so that the reader gets what was found. */
const MAX_SLICES = 32;

/** The slices in which one selection of entries is done. */
export class SelectionSlices {
  #waits = 0;

  /** @param isOver whether nobody needs the rest of the selection */
  constructor(
    readonly schedule: SliceSchedule,
    private readonly isOver: () => boolean,
  ) {}

  /** Returns a promise only at the end of a slice. It resolves when the next one begins. */
  pause(): Promise<void> | undefined {
    if (this.schedule.admits()) return undefined;
    this.#waits += 1;
    if (this.#waits < SLICES_OF_ROUND) return this.schedule.anotherSlice();
    return this.schedule.nextSlice();
  }

  /** Whether the selection is to end here, however many entries are left. */
  get isLong(): boolean {
    return this.#waits > 0 && (this.#waits >= MAX_SLICES || this.isOver());
  }
}
