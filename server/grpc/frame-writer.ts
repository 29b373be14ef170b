import type { ServerWritableStream } from '@grpc/grpc-js';
import type { Http2Stream } from 'node:http2';

/** Compression flag (none) and length, before every gRPC message. */
const HEADER_BYTES = 5;
/** Frames are gathered into writes of about this size; larger messages go out alone. */
const WRITE_BYTES = 256 * 1024;
/** A write that it takes a reader some time to take. */
const LARGE_BYTES = 64 * 1024;

/**
 * Writes ready messages to a server stream, many at a time. grpc-js itself sends one message per stream and turn of the event
 * loop, because it waits for each write's callback; HTTP/2 does not care where a message begins, so any number of
 * length-prefixed messages may go in one write. See docs/decisions/0004-private-fields-of-grpc-js.md.
 */
export interface FrameWriter {
  /**
   * Whether all of them are written and there is room for more; if not, calls back once that is so. Never throws: after a
   * cancel there is room, and nothing is written.
   */
  write(messages: readonly Uint8Array[], onRoom: () => void): boolean;
}

/** Any method's call whose messages are serialized already. */
export type ByteStreamCall = ServerWritableStream<unknown, Uint8Array>;

/** Headers must have been sent. */
export function frameWriter(call: ByteStreamCall): FrameWriter {
  const stream = innerStream(call);
  return stream === undefined ? callWriter(call) : new PacedWriter(stream, FRAMES);
}

/** The way through grpc-js's public interface, one message at a time. */
export function callWriter(call: ByteStreamCall): FrameWriter {
  return new PacedWriter(call, MESSAGES);
}

/** The HTTP/2 stream under a call: a private field of grpc-js, undefined where it is not what we expect. */
export function innerStream(call: ByteStreamCall): Http2Stream | undefined {
  const { stream } = (call as { call?: { stream?: Partial<Http2Stream> } }).call ?? {};
  const isStream = typeof stream?.write === 'function' && typeof stream.id === 'number';
  return isStream ? (stream as Http2Stream) : undefined;
}

/** How messages become writes. */
interface Cut {
  /** Up to which message, from one on, they go in one write. */
  endOf(messages: readonly Uint8Array[], from: number): number;
  bytesOf(messages: readonly Uint8Array[], from: number, to: number): Uint8Array;
}

/** What a call and its HTTP/2 stream have in common. */
interface Outlet extends NodeJS.EventEmitter {
  readonly destroyed: boolean;
  readonly writableEnded: boolean;
  readonly cancelled?: boolean;
  write(bytes: Uint8Array, onSent?: () => void): boolean;
}

class PacedWriter implements FrameWriter {
  #largeUnsent = 0;
  #onSent: (() => void) | undefined;

  constructor(
    private readonly stream: Outlet,
    private readonly cut: Cut,
  ) {}

  write(messages: readonly Uint8Array[], onRoom: () => void, from = 0): boolean {
    while (from < messages.length && !isOver(this.stream)) {
      const to = this.cut.endOf(messages, from);
      if (!this.#put(this.cut.bytesOf(messages, from, to))) {
        // Not within `drain`: to end a stream while its write calls back may break the connection (nodejs/node#49147).
        void this.#room().then(() => {
          if (this.write(messages, onRoom, to)) onRoom();
        });
        return false;
      }
      from = to;
    }
    return true;
  }

  /** Whether there is room for more. While one large write is sent, the next one may be made. */
  #put(bytes: Uint8Array): boolean {
    if (bytes.length < LARGE_BYTES) return this.stream.write(bytes);
    this.#largeUnsent += 1;
    this.stream.write(bytes, () => {
      this.#largeUnsent -= 1;
      this.#onSent?.();
    });
    return this.#largeUnsent < 2;
  }

  /** After a cancel `drain` never comes, but `close` or `cancelled` does. */
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
const ROOM_EVENTS = ['drain', 'close', 'cancelled'] as const;

function isOver({ destroyed, writableEnded, cancelled = false }: Outlet): boolean {
  return destroyed || writableEnded || cancelled;
}

const MESSAGES: Cut = {
  endOf: (_messages, from) => from + 1,
  bytesOf: (messages, from) => messages[from] ?? new Uint8Array(),
};

/** Length-prefixed, and joined into buffers of about WRITE_BYTES. */
const FRAMES: Cut = {
  endOf(messages, from) {
    let to = from;
    let size = 0;
    do {
      size += HEADER_BYTES + (messages[to]?.length ?? 0);
      to += 1;
    } while (
      to < messages.length &&
      size + HEADER_BYTES + (messages[to]?.length ?? 0) <= WRITE_BYTES
    );
    return to;
  },
  bytesOf(messages, from, to) {
    if (isLast(messages, from, to)) return last.bytes;
    const bytes = joinFrames(messages, from, to);
    if (bytes.length <= WRITE_BYTES) last = { messages: messages.slice(from, to), bytes };
    return bytes;
  },
};

/** Subscribers of the same events are served one after the other, and share one buffer: to fill it is half of a delivery. */
let last: { readonly messages: readonly Uint8Array[]; readonly bytes: Uint8Array } = {
  messages: [],
  bytes: new Uint8Array(),
};

function isLast(messages: readonly Uint8Array[], from: number, to: number): boolean {
  if (last.messages.length !== to - from) return false;
  return last.messages.every((message, at) => message === messages[from + at]);
}

function joinFrames(messages: readonly Uint8Array[], from: number, to: number): Uint8Array {
  let size = 0;
  for (let i = from; i < to; i++) size += HEADER_BYTES + (messages[i]?.length ?? 0);
  const buffer = Buffer.allocUnsafe(size);
  let at = 0;
  for (let i = from; i < to; i++) at = putFrame(buffer, at, messages[i]);
  return buffer;
}

function putFrame(buffer: Buffer, at: number, message: Uint8Array = new Uint8Array()): number {
  buffer[at] = 0;
  buffer.writeUInt32BE(message.length, at + 1);
  buffer.set(message, at + HEADER_BYTES);
  return at + HEADER_BYTES + message.length;
}
