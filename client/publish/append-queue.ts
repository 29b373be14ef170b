import { setTimeout as delay } from 'node:timers/promises';
import type { NewEvent } from '../../protos/gen/foghorn/v1/history.js';
import { isLarge, LargeBatch, SharedBatch } from './batch.js';
import type { Batch } from './batch.js';
import type { PendingAppend } from './pending-append.js';

/** Limits of what is under way: further messages wait. */
const UNDER_WAY_MESSAGES = 128;
const UNDER_WAY_BYTES = 8 * 1024 * 1024;

/** Bytes of room that a batch begins with: for the first one, and beyond what the one before it took. */
const ROOM = 1024;

/** The events of one client that are not answered yet, in the order of the calls: those under way, then those that wait. */
export class AppendQueue {
  #underWay: Batch[] = [];
  #underWayBytes = 0;
  #waiting: Batch[] = [];
  #room = ROOM;

  /** Whether no call waits for an answer. */
  get isEmpty(): boolean {
    return this.#batches().every(isOver);
  }

  /** Throws INVALID_ARGUMENT for an event that cannot be encoded or is too large; then nothing is added. */
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
    const batch = new SharedBatch(this.#room);
    batch.add(event, call);
    this.#waiting.push(batch);
  }

  /** The next message's batch, which is under way from now on; undefined when there is none or no room. */
  next(): Batch | undefined {
    if (this.#underWay.length >= UNDER_WAY_MESSAGES) return undefined;
    if (this.#underWayBytes >= UNDER_WAY_BYTES) return undefined;
    let batch = this.#waiting.shift();
    while (batch !== undefined && isOver(batch)) batch = this.#waiting.shift();
    if (batch === undefined) return undefined;
    this.#underWay.push(batch);
    this.#underWayBytes += batch.bytes;
    if (batch instanceof SharedBatch) this.#room = batch.bytes + ROOM;
    return batch;
  }

  /** What is under way goes out. */
  markSent(): void {
    for (const batch of this.#underWay) markSent(batch);
  }

  isUnderWay(batch: Batch): boolean {
    return this.#underWay.includes(batch);
  }

  /** A message was answered. */
  done(batch: Batch): void {
    const at = this.#underWay.indexOf(batch);
    if (at === -1) return;
    this.#underWay.splice(at, 1);
    this.#underWayBytes -= batch.bytes;
  }

  /** Makes everything wait again that is under way, before what waits already. Returns its calls that are not answered. */
  takeBack(): PendingAppend[] {
    const unanswered = this.#underWay.flatMap(({ calls }) => calls).filter(isOpen);
    this.#waiting = this.#batches().filter((batch) => !isOver(batch));
    this.#underWay = [];
    this.#underWayBytes = 0;
    return unanswered;
  }

  /** Takes everything out. */
  takeAll(): PendingAppend[] {
    this.takeBack();
    return this.#waiting.splice(0).flatMap(({ calls }) => calls);
  }

  /** Tells which calls are over by now, and when the next one will be (Infinity for none). */
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

  /** Resolves when everything has its answer, or after so many milliseconds. */
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

/** A batch goes out. */
export function markSent({ calls }: Batch): void {
  for (const call of calls) call.sent = true;
}

function isOpen({ settled }: PendingAppend): boolean {
  return !settled;
}

function isOver({ calls }: Batch): boolean {
  return calls.every(({ settled }) => settled);
}
