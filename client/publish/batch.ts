import type { NewEvent } from '../../protos/gen/foghorn/v1/history.js';
import type { Any } from '../../protos/gen/google/protobuf/any.js';
import type { AppendMessage } from './append-message.js';
import { encodeEvents, EventFrames } from './event-frames.js';
import type { PendingAppend } from './pending-append.js';

/**
 * Limits of a batch. They are small enough that the broker stores one batch while the next is on
 * its way and the previous is answered, and large enough that the cost per message hardly matters.
 */
const MAX_BATCH_EVENTS = 128;
const MAX_BATCH_BYTES = 256 * 1024;

/** Payloads above this size make a large event, which is not kept encoded while it waits. */
const LARGE_PAYLOAD_BYTES = 64 * 1024;

/** The calls whose events go out in one message, in their order. */
export interface Batch {
  readonly calls: readonly PendingAppend[];
  /** Size of the message, at most. */
  readonly bytes: number;
  /** Makes the message to send. Calls that have ended are left out, also of `calls`. */
  message(): AppendMessage;
}

/** A batch of ordinary events, each encoded when it is added. */
export class SharedBatch implements Batch {
  calls: PendingAppend[] = [];
  readonly #frames: EventFrames;
  #added = 0;

  /** @param expected approximate size of the message in bytes */
  constructor(expected: number) {
    this.#frames = new EventFrames(expected);
  }

  get bytes(): number {
    return this.#frames.length;
  }

  get isFull(): boolean {
    return this.calls.length >= MAX_BATCH_EVENTS || this.bytes >= MAX_BATCH_BYTES;
  }

  /**
   * Throws INVALID_ARGUMENT for an event that cannot be encoded or is too large; then nothing is
   * added.
   */
  add(event: NewEvent, call: PendingAppend): void {
    call.begin = this.#frames.length;
    this.#frames.add(event);
    call.end = this.#frames.length;
    this.calls.push(call);
    this.#added += 1;
  }

  message(): AppendMessage {
    this.calls = this.calls.filter(({ settled }) => !settled);
    const count = this.calls.length;
    if (count === this.#added) return { count, bytes: this.#frames.slice() };
    const frames = this.calls.map(({ begin, end }) => this.#frames.slice(begin, end));
    return { count, bytes: Buffer.concat(frames) };
  }
}

/** Whether an event needs a LargeBatch. */
export function isLarge({ event }: NewEvent): boolean {
  const payload: Partial<Any> | null | undefined = event?.value.event;
  return (payload?.value?.length ?? 0) > LARGE_PAYLOAD_BYTES;
}

/**
 * A batch of one large event. It is encoded when it is sent, so that waiting events are in memory
 * once.
 */
export class LargeBatch implements Batch {
  readonly calls: readonly PendingAppend[];
  readonly bytes: number;

  /** Throws INVALID_ARGUMENT for an event that cannot be encoded or is too large. */
  constructor(
    private readonly event: NewEvent,
    call: PendingAppend,
  ) {
    this.calls = [call];
    this.bytes = encodeEvents([event]).length;
  }

  message(): AppendMessage {
    return { count: 1, bytes: encodeEvents([this.event]) };
  }
}
