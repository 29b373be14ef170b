import { setTimeout as delay } from 'node:timers/promises';
import type { PendingAppend } from './pending-append.js';

/** Limits of one message, which a single event may exceed. */
const BATCH_EVENTS = 1000;
const BATCH_BYTES = 4 * 1024 * 1024 - 64 * 1024;

/** Limits of what is under way: further messages wait. */
const UNDER_WAY_MESSAGES = 64;
const UNDER_WAY_BYTES = 8 * 1024 * 1024;

/** The tag and length of an event within its message, at most. */
const FRAMING = 6;

type Batch = readonly PendingAppend[];

/** The events of one client that are not answered yet, in the order of the calls: those under way, then those that wait. */
export class AppendQueue {
  #underWay: Batch[] = [];
  #underWayBytes = 0;
  #waiting: PendingAppend[] = [];

  /** Whether no call waits for an answer. */
  get isEmpty(): boolean {
    return [...this.#underWay, this.#waiting].every((part) => part.every(({ settled }) => settled));
  }

  add(pending: PendingAppend): void {
    this.#waiting.push(pending);
  }

  /** The next message's events, which are under way from now on; undefined when there is none or no room. */
  next(): Batch | undefined {
    if (this.#underWay.length >= UNDER_WAY_MESSAGES) return undefined;
    if (this.#underWayBytes >= UNDER_WAY_BYTES) return undefined;
    const batch = this.#takeBatch();
    if (batch.length === 0) return undefined;
    this.#underWay.push(batch);
    this.#underWayBytes += bytesOf(batch);
    return batch;
  }

  /** What is under way goes out. */
  markSent(): void {
    for (const batch of this.#underWay) for (const pending of batch) pending.sent = true;
  }

  isUnderWay(batch: Batch): boolean {
    return this.#underWay.includes(batch);
  }

  /** A message was answered. */
  done(batch: Batch): void {
    this.#underWay = this.#underWay.filter((other) => other !== batch);
    this.#underWayBytes -= bytesOf(batch);
  }

  /** Makes everything wait again that is under way, before what waits already. Returns it. */
  takeBack(): PendingAppend[] {
    const unanswered = this.#underWay.flat().filter(({ settled }) => !settled);
    const waiting = this.#waiting.filter(({ settled }) => !settled);
    this.#underWay = [];
    this.#underWayBytes = 0;
    this.#waiting = [...unanswered, ...waiting];
    return unanswered;
  }

  /** Takes everything out. */
  takeAll(): PendingAppend[] {
    this.takeBack();
    return this.#waiting.splice(0);
  }

  /** Resolves when everything has its answer, or after so many milliseconds. */
  async answered(ms: number): Promise<void> {
    const pending = [...this.#underWay.flat(), ...this.#waiting].map(({ stored }) => stored);
    const over = new AbortController();
    const timeout = delay(ms, undefined, { signal: over.signal }).catch(() => {});
    await Promise.race([Promise.allSettled(pending), timeout]);
    over.abort();
  }

  #takeBatch(): PendingAppend[] {
    const batch: PendingAppend[] = [];
    let bytes = 0;
    let taken = 0;
    for (const pending of this.#waiting) {
      bytes += pending.event.bytes + FRAMING;
      if (batch.length > 0 && (batch.length >= BATCH_EVENTS || bytes > BATCH_BYTES)) break;
      taken++;
      if (pending.settled) bytes -= pending.event.bytes + FRAMING;
      else batch.push(pending);
    }
    this.#waiting.splice(0, taken);
    return batch;
  }
}

function bytesOf(batch: Batch): number {
  return batch.reduce((sum, { event }) => sum + event.bytes + FRAMING, 0);
}
