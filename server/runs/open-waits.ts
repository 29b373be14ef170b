/** Counts the waits for exits that are open, whoever asked for them. */
export class OpenWaits {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Counts a wait until it ends. */
  async during<Result>(wait: () => Promise<Result>): Promise<Result> {
    this.#count += 1;
    try {
      return await wait();
    } finally {
      this.#count -= 1;
    }
  }
}
