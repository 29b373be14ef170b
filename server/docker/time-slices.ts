/** How long work goes on before other work may run, ms. */
const SLICE_MS = 2;

/**
 * Splits long work into slices, between which the event loop runs everything else that is ready.
 */
export class TimeSlices {
  #endsAt = performance.now() + SLICE_MS;

  /** Returns a promise only at the end of a slice. It resolves when the next one begins. */
  pause(): Promise<void> | undefined {
    return performance.now() < this.#endsAt ? undefined : this.#pause();
  }

  async #pause(): Promise<void> {
    await new Promise(setImmediate);
    this.#endsAt = performance.now() + SLICE_MS;
  }
}
