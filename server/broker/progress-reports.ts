/** A reader whose filter matches nothing gets its position after so many entries. */
const PROGRESS_ENTRIES = 10_000;

/** When a reader that gets no entries is to get its position instead. */
export class ProgressReports {
  /** Entries since the reader got its position. */
  #unreported = 0;
  #isDue = false;

  /** Entries were considered. */
  count(entries: number): void {
    this.#unreported += entries;
  }

  /** Has the next report be due now. */
  request(): void {
    this.#isDue = true;
  }

  /** The reader gets its position. */
  reset(): void {
    this.#unreported = 0;
    this.#isDue = false;
  }

  /** Whether a report is due; it is not any more afterwards. */
  take(): boolean {
    if (!this.#isDue && this.#unreported < PROGRESS_ENTRIES) return false;
    this.reset();
    return true;
  }
}
