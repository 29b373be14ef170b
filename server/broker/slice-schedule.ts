import { nextTick } from 'node:process';

/**
 * Time for slices in each iteration of the event loop: as long as all other work has taken, within
 * these limits. The last slice may exceed it.
 */
const MS_PER_ITERATION = { least: 2, most: 4 };
/** Time of a slice, where work can be interrupted. */
const MS_PER_SLICE = 2;
/** Work that is expected to take so long is admitted together. */
const UNCHECKED_MS = 0.1;

/**
 * Divides the time for readers of the store, and for other work that may take long, into slices, so
 * that live delivery is delayed by no more than a few milliseconds, however many readers there are.
 * A slice is all that a reader does until it waits for something: with an embedded store, a read,
 * the selection of entries, their encoding and the write. Each iteration of the event loop has at
 * least one slice, after its I/O.
 */
export class SliceSchedule {
  /** The readers of this round, of which so many have had their slice. */
  #round: readonly (() => void)[] = [];
  #served = 0;
  /** Readers that go on in this round, before the others. */
  #continuing: (() => void)[] = [];
  /** The readers of the next round. */
  #waiting: (() => void)[] = [];
  #isRunning = false;
  /** When the time of this iteration is used up. */
  #deadline = 0;
  #sliceEnd = 0;
  /** When the readers' time in the iteration before was used up. */
  #endedAt = 0;
  /** Expected time of the work since the clock was read. */
  #uncheckedMs = 0;
  #slices = 0;
  #rounds = 0;

  /** Counts the rounds in which every waiting reader has a slice; undefined while none waits. */
  get round(): number | undefined {
    return this.#isRunning ? this.#rounds : undefined;
  }

  /** Identifies the slice that runs now. */
  get slice(): number {
    return this.#slices;
  }

  /** Resolves when a slice of the caller begins. */
  nextSlice(): Promise<void> {
    return this.#wait(this.#waiting);
  }

  /** Like `nextSlice`, but in the same round. */
  anotherSlice(): Promise<void> {
    return this.#wait(this.#continuing);
  }

  #wait(queue: (() => void)[]): Promise<void> {
    return new Promise((resolve) => {
      queue.push(resolve);
      if (this.#isRunning) return;
      this.#isRunning = true;
      this.#endedAt = performance.now();
      setImmediate(this.#iterate);
    });
  }

  /** Whether the slice may go on. Reads the clock only after some work, because that costs. */
  admits(expectedMs = UNCHECKED_MS): boolean {
    this.#uncheckedMs += expectedMs;
    if (this.#uncheckedMs < UNCHECKED_MS) return true;
    this.#uncheckedMs = 0;
    return performance.now() < this.#sliceEnd;
  }

  /** Counts nothing, because the end of the slice covers all that it does. */
  spend(): void {}

  readonly #iterate = (): void => {
    const now = performance.now();
    const { least, most } = MS_PER_ITERATION;
    this.#deadline = now + Math.min(Math.max(now - this.#endedAt, least), most);
    this.#begin(now);
  };

  #begin(now: number): void {
    this.#sliceEnd = now + MS_PER_SLICE;
    this.#slices += 1;
    this.#nextReader()?.();
    // The tick comes after all microtasks, and so after all that the slice does without waiting.
    queueMicrotask(() => {
      nextTick(this.#end);
    });
  }

  #nextReader(): (() => void) | undefined {
    const continuing = this.#continuing.shift();
    if (continuing !== undefined) return continuing;
    if (this.#served === this.#round.length) {
      this.#round = this.#waiting;
      this.#waiting = [];
      this.#served = 0;
      this.#rounds += 1;
    }
    this.#served += 1;
    return this.#round[this.#served - 1];
  }

  readonly #end = (): void => {
    this.#slices += 1;
    const waiting = this.#round.length - this.#served + this.#waiting.length;
    if (waiting + this.#continuing.length === 0) {
      this.#round = [];
      this.#served = 0;
      this.#isRunning = false;
      return;
    }
    const now = performance.now();
    if (now < this.#deadline) this.#begin(now);
    else {
      this.#endedAt = now;
      setImmediate(this.#iterate);
    }
  };
}
