import type { ServerWritableStream } from '@grpc/grpc-js';
import type { Http2Stream } from 'node:http2';

/** Size of a write that takes a reader some time to receive. */
const LARGE_BYTES = 64 * 1024;

/**
 * Writes encoded messages to a server stream, many at a time. grpc-js itself sends one message per
 * stream and tick, because it waits for each write's callback. HTTP/2 does not care where a
 * message begins, so any number of length-prefixed messages may share a write. See
 * docs/decisions/0004-private-fields-of-grpc-js.md.
 */
export interface FrameWriter {
  /**
   * Returns whether all messages are written and there is room for more; otherwise calls back once
   * that is so. Never throws: after a cancel it writes nothing and has room.
   */
  write(messages: readonly Uint8Array[], onRoom: () => void): boolean;
}

/** A call of any method whose messages are encoded already. */
export type ByteStreamCall = ServerWritableStream<unknown, Uint8Array>;

/** Call it after the headers are sent. */
export function frameWriter(call: ByteStreamCall, frames: FrameCache): FrameWriter {
  const stream = innerStream(call);
  return stream === undefined ? callWriter(call) : new PacedWriter(stream, frames);
}

/** Writes through grpc-js's public interface, one message at a time. */
export function callWriter(call: ByteStreamCall): FrameWriter {
  return new PacedWriter(call, SINGLE_MESSAGES);
}

/**
 * The HTTP/2 stream under a call, a private field of grpc-js; undefined in a version without it.
 */
export function innerStream(call: ByteStreamCall): Http2Stream | undefined {
  const { stream } = (call as { call?: { stream?: Partial<Http2Stream> } }).call ?? {};
  const isStream = typeof stream?.write === 'function' && typeof stream.id === 'number';
  return isStream ? (stream as Http2Stream) : undefined;
}

/** How messages become writes. */
type MessageFraming = Pick<FrameCache, 'endOfWrite' | 'framesOf'>;

/** grpc-js adds the prefix of each message itself. */
const SINGLE_MESSAGES: MessageFraming = {
  endOfWrite: (_messages, from) => from + 1,
  framesOf: (messages, from) => messages[from] ?? new Uint8Array(),
};

/** Common part of a call and its HTTP/2 stream. */
interface Outlet extends NodeJS.EventEmitter {
  readonly destroyed: boolean;
  readonly writableEnded: boolean;
  readonly cancelled?: boolean;
  write(bytes: Uint8Array, onSent?: () => void): boolean;
}

/** After a cancel `drain` never comes, but `close` or `cancelled` does. */
const ROOM_EVENTS = ['drain', 'close', 'cancelled'] as const;

class PacedWriter implements FrameWriter {
  #largeUnsent = 0;
  #onSent: (() => void) | undefined;

  constructor(
    private readonly stream: Outlet,
    private readonly framing: MessageFraming,
  ) {}

  write(messages: readonly Uint8Array[], onRoom: () => void, from = 0): boolean {
    while (from < messages.length && !isOver(this.stream)) {
      const to = this.framing.endOfWrite(messages, from);
      if (!this.#put(this.framing.framesOf(messages, from, to))) {
        // Ending a stream within its `drain` may break the connection (nodejs/node#49147), so this
        // waits for a microtask.
        void this.#room().then(() => {
          if (this.write(messages, onRoom, to)) onRoom();
        });
        return false;
      }
      from = to;
    }
    return true;
  }

  /**
   * Returns whether there is room for more. The next large write is made while one is being sent.
   */
  #put(bytes: Uint8Array): boolean {
    if (bytes.length < LARGE_BYTES) return this.stream.write(bytes);
    this.#largeUnsent += 1;
    this.stream.write(bytes, () => {
      this.#largeUnsent -= 1;
      this.#onSent?.();
    });
    return this.#largeUnsent < 2;
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        for (const event of ROOM_EVENTS) this.stream.off(event, done);
        this.#onSent = undefined;
        resolve();
      };
      for (const event of ROOM_EVENTS) this.stream.on(event, done);
      this.#onSent = done;
    });
  }
}

function isOver({ destroyed, writableEnded, cancelled = false }: Outlet): boolean {
  return destroyed || writableEnded || cancelled;
}

/** Compression flag (none) and length, before every gRPC message. */
export const PREFIX_BYTES = 5;
/** Frames are gathered into writes of about this size; larger messages go out alone. */
const WRITE_BYTES = 256 * 1024;
/** Largest write that is remembered: a full batch of entries fits. */
const KEPT_BYTES = 2 * 1024 * 1024;

/**
 * Joins messages into length-prefixed frames, and remembers the last write: subscribers of the
 * same events are served one after the other, and filling the buffer is half the cost of a
 * delivery. One edge's streams share one cache.
 */
export class FrameCache {
  #messages: readonly Uint8Array[] = [];
  #bytes: Uint8Array = new Uint8Array();

  /** The index up to which the messages, from `from` on, fit into one write; at least one does. */
  endOfWrite(messages: readonly Uint8Array[], from: number): number {
    let to = from;
    let size = 0;
    do {
      size += PREFIX_BYTES + (messages[to]?.length ?? 0);
      to += 1;
    } while (
      to < messages.length &&
      size + PREFIX_BYTES + (messages[to]?.length ?? 0) <= WRITE_BYTES
    );
    return to;
  }

  /** The frames of some messages, not to be changed. */
  framesOf(messages: readonly Uint8Array[], from: number, to: number): Uint8Array {
    if (this.#has(messages, from, to)) return this.#bytes;
    const bytes = joinFrames(messages, from, to);
    if (bytes.length > KEPT_BYTES) return bytes;
    this.#messages = messages.slice(from, to);
    this.#bytes = bytes;
    return bytes;
  }

  /** Compares by identity, since messages are shared, too. */
  #has(messages: readonly Uint8Array[], from: number, to: number): boolean {
    if (this.#messages.length !== to - from) return false;
    return this.#messages.every((message, at) => message === messages[from + at]);
  }
}

function joinFrames(messages: readonly Uint8Array[], from: number, to: number): Uint8Array {
  let size = 0;
  for (let i = from; i < to; i++) size += PREFIX_BYTES + (messages[i]?.length ?? 0);
  const buffer = Buffer.allocUnsafe(size);
  let at = 0;
  for (let i = from; i < to; i++) at = putFrame(buffer, at, messages[i]);
  return buffer;
}

function putFrame(buffer: Buffer, at: number, message: Uint8Array = new Uint8Array()): number {
  buffer[at] = 0;
  buffer.writeUInt32BE(message.length, at + 1);
  buffer.set(message, at + PREFIX_BYTES);
  return at + PREFIX_BYTES + message.length;
}
