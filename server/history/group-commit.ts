/** Limits of a commit. A commit ends with the call that reaches one of them. */
export interface CommitLimits {
  readonly items: number;
  readonly bytes: number;
  /** Number of commits that may be under way at a time. */
  readonly concurrent: number;
}

/**
 * Thrown by a commit that has stored nothing, because it must be alone or because one before it has
 * failed. It is done again once no other one is under way.
 */
export class OutOfTurnError extends Error {}

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
 * Lets concurrent appends share commits: while commits are being flushed, the next one fills up.
 * Order is kept. All items of a call go into one commit, so they are stored together or not at all.
 */
export class GroupCommit<Item extends { readonly bytes: Uint8Array }, Answer> {
  #waiting: WaitingCall<Item, Answer>[] = [];
  readonly #work: (() => Promise<void>)[] = [];
  /** Commits and work that have begun, and calls of these commits. */
  #underWay = 0;
  #callsUnderWay = 0;
  /** Whether nothing else may begin before all that is under way has ended. */
  #isAlone = false;
  #isWorksTurn = false;
  #isScheduled = false;
  /** When the first waiting call was added, in ms. */
  #waitingSince = 0;
  /** Calls of commits that have to be done again, in order. */
  #returned: WaitingCall<Item, Answer>[] = [];
  /** When the first of these was added, in ms. */
  #returnedSince = 0;
  #onDrained: (() => void)[] = [];

  /**
   * @param commit stores the items of several calls, after those of the commits that it was called
   * for before; at most `concurrent` are under way at a time
   */
  constructor(
    private readonly commit: (calls: readonly (readonly Item[])[]) => Promise<Answer[][]>,
    private readonly limits: CommitLimits,
    private readonly observer?: CommitObserver<Item, Answer>,
  ) {}

  /** Resolves with the answers for the items, once they are stored. */
  add(items: readonly Item[]): Promise<Answer[]> {
    if (this.#waiting.length === 0) this.#waitingSince = performance.now();
    const added = new Promise<Answer[]>((resolve, reject) => {
      this.#waiting.push({ items, resolve, reject });
    });
    this.#schedule();
    return added;
  }

  /** Runs work while no commit is under way. Commits and work alternate, so neither starves. */
  between<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = new Promise<Result>((resolve, reject) => {
      this.#work.push(() => work().then(resolve, reject));
    });
    this.#schedule();
    return done;
  }

  /** Resolves when everything added so far is stored or has failed. */
  async drained(): Promise<void> {
    if (this.#isIdle) return;
    await new Promise<void>((resolve) => {
      this.#onDrained.push(resolve);
    });
  }

  get #isIdle(): boolean {
    return this.#underWay + this.#waiting.length + this.#work.length === 0;
  }

  /** Begins later in this iteration of the event loop, so that its calls share a commit. */
  #schedule(): void {
    if (this.#isScheduled || !this.#canBegin()) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#begin();
    });
  }

  #begin(): void {
    while (this.#canBegin()) {
      const isWorksTurn = this.#isWorksTurn || this.#waiting.length === 0;
      const work = isWorksTurn ? this.#work.shift() : undefined;
      this.#isWorksTurn = work === undefined;
      this.#isAlone ||= work !== undefined;
      void this.#run(work?.() ?? this.#commitGroup());
    }
  }

  /**
   * A commit joins others only with as many calls as they have: with fewer it would cost as much,
   * and the calls that the others answer would have to wait for it.
   */
  #canBegin(): boolean {
    if (this.#underWay === 0) return this.#waiting.length + this.#work.length > 0;
    if (this.#isAlone || this.#work.length > 0) return false;
    return (
      this.#underWay < this.limits.concurrent &&
      this.#waiting.length > 0 &&
      this.#waiting.length >= this.#callsUnderWay
    );
  }

  async #run(task: Promise<void>): Promise<void> {
    this.#underWay += 1;
    await task;
    this.#underWay -= 1;
    if (this.#underWay === 0) this.#takeBack();
    this.#begin();
    if (!this.#isIdle) return;
    for (const resolve of this.#onDrained.splice(0)) resolve();
  }

  async #commitGroup(): Promise<void> {
    const since = this.#waitingSince;
    const group = this.#takeGroup();
    // Calls that did not fit have waited since now, nearly.
    this.#waitingSince = performance.now();
    this.#callsUnderWay += group.length;
    try {
      const calls = group.map(({ items }) => items);
      const answers = await this.commit(calls);
      this.observer?.committed((performance.now() - since) / MS_PER_SECOND, calls, answers);
      group.forEach(({ resolve }, i) => {
        resolve(answers[i] ?? []);
      });
    } catch (error) {
      // Those begun after it are out of turn, and nothing may build on them.
      this.#isAlone = true;
      if (error instanceof OutOfTurnError) this.#return(group, since);
      else {
        this.observer?.failed(error);
        for (const { reject } of group) reject(error);
      }
    } finally {
      this.#callsUnderWay -= group.length;
    }
  }

  #return(group: readonly WaitingCall<Item, Answer>[], since: number): void {
    if (this.#returned.length === 0) this.#returnedSince = since;
    this.#returned.push(...group);
  }

  #takeBack(): void {
    this.#isAlone = false;
    if (this.#returned.length === 0) return;
    this.#waitingSince = this.#returnedSince;
    this.#waiting = [...this.#returned, ...this.#waiting];
    this.#returned = [];
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
