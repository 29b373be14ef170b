interface Waiting {
  readonly offset: number;
  readonly resolve: () => void;
}

/** How far one subscription to the history has come, for those who join what is made of it. */
export class Following {
  readonly stop = new AbortController();
  /** Resolves when it is known where it is, or that it has come to nothing. */
  readonly ready: Promise<void>;
  /** Resolves `ready`. */
  begin: () => void = () => undefined;
  /** Has the subscription tell where it is, though nothing happens. */
  askPlace: () => void = () => undefined;
  /** Readers that wait until it has begun. */
  expected = 0;
  #reached = 0;
  #waiting: Waiting[] = [];
  #ended = false;

  constructor() {
    this.ready = new Promise((resolve) => (this.begin = resolve));
  }

  /** Everything up to this offset was dispatched. */
  get reached(): number {
    return this.#reached;
  }

  /** Whether somebody waits for it to come further. */
  get isAwaited(): boolean {
    return this.#waiting.length > 0;
  }

  /** Resolves when everything up to an offset was dispatched, or nothing more will be. */
  passed(offset: number): Promise<void> {
    if (this.#ended || offset <= this.#reached) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ offset, resolve });
      this.askPlace();
    });
  }

  advance(offset: number): void {
    this.#reached = offset;
    if (this.isAwaited) this.#release(offset);
  }

  end(): void {
    this.#ended = true;
    this.#release(Infinity);
    this.begin();
  }

  #release(offset: number): void {
    const done = this.#waiting.filter((one) => one.offset <= offset);
    this.#waiting = this.#waiting.filter((one) => one.offset > offset);
    for (const { resolve } of done) resolve();
  }
}
