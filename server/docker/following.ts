/** How far one subscription to the history has come, for those who join what is made of it. */
export class Following {
  readonly stop = new AbortController();
  /** Resolves when it is known where it is, or that it has come to nothing. */
  readonly ready: Promise<void>;
  /** Resolves `ready`. */
  begin: () => void = () => undefined;
  /** Readers that wait until it has begun. */
  expected = 0;
  /** Everything up to this offset was dispatched. */
  reached = 0;

  constructor() {
    this.ready = new Promise((resolve) => (this.begin = resolve));
  }
}
