import { setTimeout as delay } from 'node:timers/promises';
import type { NewEvent } from '../../protos/gen/foghorn/v1/history.js';
import { isLarge, LargeBatch, SharedBatch } from './batch.js';
import type { Batch } from './batch.js';
import type { PendingAppend } from './pending-append.js';

/** Limits of sent messages without an answer; further messages wait. */
const UNDER_WAY_MESSAGES = 128;
const UNDER_WAY_BYTES = 8 * 1024 * 1024;

/**
 * Initial buffer of the first batch, and addition to the size of the previous batch for later ones.
 */
const SPARE_BYTES = 1024;

/**
 * A client's unanswered events in the order of the calls: those under way, then those that wait.
 */
export class AppendQueue {
  #underWay: Batch[] = [];
  #underWayBytes = 0;
  #waiting: Batch[] = [];
  #initialBytes = SPARE_BYTES;

  /** Whether no call waits for an answer. */
  get isEmpty(): boolean {
    return this.#batches().every(isOver);
  }

  /**
   * Throws INVALID_ARGUMENT for an event that cannot be encoded or is too large; then nothing is
   * added.
   */
  add(event: NewEvent, call: PendingAppend): void {
    if (isLarge(event)) {
      this.#waiting.push(new LargeBatch(event, call));
      return;
    }
    const last = this.#waiting.at(-1);
    if (last instanceof SharedBatch && !last.isFull) {
      last.add(event, call);
      return;
    }
    const batch = new SharedBatch(this.#initialBytes);
    batch.add(event, call);
    this.#waiting.push(batch);
  }

  /**
   * Moves the next batch under way and returns it; undefined when none waits or the limits are
   * reached.
   */
  next(): Batch | undefined {
    if (this.#underWay.length >= UNDER_WAY_MESSAGES) return undefined;
    if (this.#underWayBytes >= UNDER_WAY_BYTES) return undefined;
    let batch = this.#waiting.shift();
    while (batch !== undefined && isOver(batch)) batch = this.#waiting.shift();
    if (batch === undefined) return undefined;
    this.#underWay.push(batch);
    this.#underWayBytes += batch.bytes;
    if (batch instanceof SharedBatch) this.#initialBytes = batch.bytes + SPARE_BYTES;
    return batch;
  }

  /** Marks the calls under way as sent. */
  markSent(): void {
    for (const batch of this.#underWay) markSent(batch);
  }

  isUnderWay(batch: Batch): boolean {
    return this.#underWay.includes(batch);
  }

  /** Removes a batch that was answered. */
  done(batch: Batch): void {
    const at = this.#underWay.indexOf(batch);
    if (at === -1) return;
    this.#underWay.splice(at, 1);
    this.#underWayBytes -= batch.bytes;
  }

  /** Puts batches under way back before those that wait. Returns their unanswered calls. */
  takeBack(): PendingAppend[] {
    const unanswered = this.#underWay.flatMap(({ calls }) => calls).filter(isOpen);
    this.#waiting = this.#batches().filter((batch) => !isOver(batch));
    this.#underWay = [];
    this.#underWayBytes = 0;
    return unanswered;
  }

  /** Removes and returns all calls. */
  takeAll(): PendingAppend[] {
    this.takeBack();
    return this.#waiting.splice(0).flatMap(({ calls }) => calls);
  }

  /** Returns the calls whose deadline has passed, and the next deadline (Infinity for none). */
  overdue(now: number): { calls: PendingAppend[]; next: number } {
    const open = this.#batches()
      .flatMap(({ calls }) => calls)
      .filter(isOpen);
    const calls = open.filter(({ deadline }) => deadline <= now);
    const next = open.reduce(
      (least, { deadline }) => (deadline > now && deadline < least ? deadline : least),
      Infinity,
    );
    return { calls, next };
  }

  /** Resolves when every call has its answer, or after this many milliseconds. */
  async answered(ms: number): Promise<void> {
    const pending = this.#batches().flatMap(({ calls }) => calls.map(({ stored }) => stored));
    const over = new AbortController();
    const timeout = delay(ms, undefined, { signal: over.signal }).catch(() => {});
    await Promise.race([Promise.allSettled(pending), timeout]);
    over.abort();
  }

  #batches(): Batch[] {
    return [...this.#underWay, ...this.#waiting];
  }
}

/** Marks the calls of a batch as sent. */
export function markSent({ calls }: Batch): void {
  for (const call of calls) call.sent = true;
}

function isOpen({ settled }: PendingAppend): boolean {
  return !settled;
}

function isOver({ calls }: Batch): boolean {
  return calls.every(({ settled }) => settled);
}
