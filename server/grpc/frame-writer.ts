import type { ServerWritableStream } from '@grpc/grpc-js';
import type { Http2Stream } from 'node:http2';

/** Compression flag (none) and length, before every gRPC message. */
const HEADER_BYTES = 5;
/** Frames are gathered into writes of about this size; larger messages go out alone. */
const WRITE_BYTES = 256 * 1024;

/**
 * Writes ready messages to a server stream, many at a time. grpc-js itself sends one message per stream and turn of the event
 * loop, because it waits for each write's callback; HTTP/2 does not care where a message begins, so any number of
 * length-prefixed messages may go in one write. See docs/decisions/0004-private-fields-of-grpc-js.md.
 */
export interface FrameWriter {
  /** Resolves when there is room for more; at once if there is. Never rejects: after a cancel it resolves too. */
  write(messages: readonly Uint8Array[]): Promise<void>;
}

/** Any method's call whose messages are serialized already. */
export type ByteStreamCall = ServerWritableStream<unknown, Uint8Array>;

/** Headers must have been sent. */
export function frameWriter(call: ByteStreamCall): FrameWriter {
  const stream = innerStream(call);
  return stream === undefined ? callWriter(call) : streamWriter(stream);
}

/** The HTTP/2 stream under a call: a private field of grpc-js, undefined where it is not what we expect. */
export function innerStream(call: ByteStreamCall): Http2Stream | undefined {
  const { stream } = (call as { call?: { stream?: Partial<Http2Stream> } }).call ?? {};
  const isStream = typeof stream?.write === 'function' && typeof stream.id === 'number';
  return isStream ? (stream as Http2Stream) : undefined;
}

function streamWriter(stream: Http2Stream): FrameWriter {
  return {
    async write(messages) {
      for (const bytes of gather(messages)) {
        if (stream.destroyed || stream.writableEnded) return;
        if (!stream.write(bytes)) await roomIn(stream);
      }
    },
  };
}

/** The way through grpc-js's public interface, one message at a time. */
export function callWriter(call: ByteStreamCall): FrameWriter {
  return {
    async write(messages) {
      for (const message of messages) {
        if (call.cancelled || call.destroyed) return;
        if (!call.write(message)) await roomIn(call);
      }
    },
  };
}

/** After a cancel `drain` never comes, but `close` or `cancelled` does. */
function roomIn(stream: NodeJS.EventEmitter): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of ROOM_EVENTS) stream.off(event, done);
      resolve();
    };
    for (const event of ROOM_EVENTS) stream.on(event, done);
  });
}
const ROOM_EVENTS = ['drain', 'close', 'cancelled'] as const;

/** Length-prefixes the messages and joins them into buffers of about WRITE_BYTES. */
function* gather(messages: readonly Uint8Array[]): Iterable<Uint8Array> {
  let from = 0;
  while (from < messages.length) {
    let to = from;
    let size = 0;
    do {
      size += HEADER_BYTES + (messages[to]?.length ?? 0);
      to += 1;
    } while (
      to < messages.length &&
      size + HEADER_BYTES + (messages[to]?.length ?? 0) <= WRITE_BYTES
    );
    yield join(messages.slice(from, to), size);
    from = to;
  }
}

function join(messages: readonly Uint8Array[], size: number): Uint8Array {
  const buffer = Buffer.allocUnsafe(size);
  let at = 0;
  for (const message of messages) {
    buffer[at] = 0;
    buffer.writeUInt32BE(message.length, at + 1);
    buffer.set(message, at + HEADER_BYTES);
    at += HEADER_BYTES + message.length;
  }
  return buffer;
}
