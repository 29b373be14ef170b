import type { NewEvent } from '../../protos/gen/foghorn/v1/history.js';
import type { Any } from '../../protos/gen/google/protobuf/any.js';
import type { AppendMessage } from './append-message.js';
import { encodeEvents, EventFrames } from './event-frames.js';
import type { PendingAppend } from './pending-append.js';

/**
 * Where a batch is full. Small enough that while the broker stores one, the next one is on its way and the one before is answered;
 * large enough that it hardly matters what a message costs.
 */
const EVENTS = 128;
const BYTES = 256 * 1024;

/** The size from which on a payload makes a large event, which is not kept encoded while it waits. */
const LARGE = 64 * 1024;

/** The calls whose events go out in one message, in their order. */
export interface Batch {
  readonly calls: readonly PendingAppend[];
  /** What the message takes, at most. */
  readonly bytes: number;
  /** What goes out now. Calls that are settled are left out, of `calls` too. */
  message(): AppendMessage;
}

/** Of ordinary events, each encoded at once. */
export class SharedBatch implements Batch {
  calls: PendingAppend[] = [];
  readonly #frames: EventFrames;
  #added = 0;

  /** @param expected about how many bytes there will be */
  constructor(expected: number) {
    this.#frames = new EventFrames(expected);
  }

  get bytes(): number {
    return this.#frames.length;
  }

  get isFull(): boolean {
    return this.calls.length >= EVENTS || this.bytes >= BYTES;
  }

  /** Throws INVALID_ARGUMENT for an event that cannot be encoded or is too large; then nothing is added. */
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

/** Whether an event is one for a LargeBatch. */
export function isLarge({ event }: NewEvent): boolean {
  const payload: Partial<Any> | null | undefined = event?.value.event;
  return (payload?.value?.length ?? 0) > LARGE;
}

/** Of one large event: it is encoded when it goes out, so that those that wait are in memory once. */
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
