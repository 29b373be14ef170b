/** Limits of a commit. A commit ends with the call that reaches one of them. */
export interface CommitLimits {
  readonly items: number;
  readonly bytes: number;
}

/** Large enough to make the cost of a flush negligible, small enough to keep a commit short. */
const DEFAULT_LIMITS: CommitLimits = { items: 8192, bytes: 8 * 1024 * 1024 };

/** Watches commits. Must not throw. */
interface CommitObserver<Item, Answer> {
  /** @param seconds how long the call that waited longest took */
  committed(
    seconds: number,
    calls: readonly (readonly Item[])[],
    answers: readonly (readonly Answer[])[],
  ): void;
  failed(error: unknown): void;
}

const MS_PER_SECOND = 1000;

interface WaitingCall<Item, Answer> {
  readonly items: readonly Item[];
  readonly resolve: (answers: Answer[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Lets concurrent appends share commits: while one commit is being flushed, the next one fills up.
 * Order is kept. All items of a call go into one commit, so they are stored together or not at all.
 */
export class GroupCommit<Item extends { readonly bytes: Uint8Array }, Answer> {
  #waiting: WaitingCall<Item, Answer>[] = [];
  readonly #work: (() => Promise<void>)[] = [];
  #running: Promise<void> | undefined;
  /** When the first waiting call was added, in ms. */
  #waitingSince = 0;

  /** @param commit stores the items of several calls; never called while a call is under way */
  constructor(
    private readonly commit: (calls: readonly (readonly Item[])[]) => Promise<Answer[][]>,
    private readonly limits = DEFAULT_LIMITS,
    private readonly observer?: CommitObserver<Item, Answer>,
  ) {}

  /** Resolves with the answers for the items, once they are stored. */
  add(items: readonly Item[]): Promise<Answer[]> {
    if (this.#waiting.length === 0) this.#waitingSince = performance.now();
    const added = new Promise<Answer[]>((resolve, reject) => {
      this.#waiting.push({ items, resolve, reject });
    });
    this.#start();
    return added;
  }

  /** Runs work while no commit is under way. Commits and work alternate, so neither starves. */
  between<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = new Promise<Result>((resolve, reject) => {
      this.#work.push(() => work().then(resolve, reject));
    });
    this.#start();
    return done;
  }

  /** Resolves when everything added so far is stored or has failed. */
  async drained(): Promise<void> {
    await this.#running;
  }

  #start(): void {
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // Calls that arrive in this iteration of the event loop share the first commit.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0 || this.#work.length > 0) {
      if (this.#waiting.length > 0) await this.#commitGroup();
      await this.#work.shift()?.();
    }
    this.#running = undefined;
  }

  async #commitGroup(): Promise<void> {
    const since = this.#waitingSince;
    const group = this.#takeGroup();
    // Calls that did not fit have waited since now, nearly.
    this.#waitingSince = performance.now();
    try {
      const calls = group.map(({ items }) => items);
      const answers = await this.commit(calls);
      this.observer?.committed((performance.now() - since) / MS_PER_SECOND, calls, answers);
      group.forEach(({ resolve }, i) => {
        resolve(answers[i] ?? []);
      });
    } catch (error) {
      this.observer?.failed(error);
      for (const { reject } of group) reject(error);
    }
  }

  #takeGroup(): WaitingCall<Item, Answer>[] {
    let items = 0;
    let bytes = 0;
    let taken = 0;
    while (taken < this.#waiting.length && items < this.limits.items && bytes < this.limits.bytes) {
      for (const item of this.#waiting[taken]?.items ?? []) {
        items += 1;
        bytes += item.bytes.length;
      }
      taken += 1;
    }
    return this.#waiting.splice(0, taken);
  }
}
