import type { Http2Stream } from '../http2/index.js';

/** Compression flag and length, before every gRPC message. */
export const PREFIX_BYTES = 5;

/** Frames are gathered into writes of at most this size. */
const WRITE_BYTES = 256 * 1024;
/** Messages from this size on are sent without a copy. */
const LARGE_BYTES = 64 * 1024;

const NO_BYTES = new Uint8Array();

/** Returns a message with its prefix. */
export function frameOf(message: Uint8Array, isCompressed = false): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  putFrame(frame, 0, message);
  if (isCompressed) frame[0] = 1;
  return frame;
}

/** Queues one message on a stream; returns whether there is room for more. */
export function sendMessage(stream: Http2Stream, message: Uint8Array): boolean {
  if (message.length < LARGE_BYTES) return stream.sendData(frameOf(message));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  stream.sendData(prefix);
  return stream.sendData(message);
}

/**
 * Sends messages as length-prefixed frames, many in a write, and remembers the last write.
 * Subscribers of the same events are served one after the other, and filling the buffer is half
 * the cost of a delivery. One edge's streams share one cache.
 */
export class FrameCache {
  #messages: readonly Uint8Array[] = [];
  #frames: Uint8Array = NO_BYTES;

  /**
   * Queues all messages on a stream; they and their array must not change any more. Does nothing
   * once the stream is closed.
   */
  send(stream: Http2Stream, messages: readonly Uint8Array[]): void {
    for (let from = 0, to = 0; from < messages.length; from = to) {
      to = endOfWrite(messages, from);
      const first = messages[from] ?? NO_BYTES;
      if (to === from + 1 && first.length >= LARGE_BYTES) sendMessage(stream, first);
      else stream.sendData(this.#framesOf(messages, from, to));
    }
  }

  #framesOf(messages: readonly Uint8Array[], from: number, to: number): Uint8Array {
    if (this.#has(messages, from, to)) return this.#frames;
    const isWhole = to - from === messages.length;
    this.#messages = isWhole ? messages : messages.slice(from, to);
    this.#frames = joinFrames(messages, from, to);
    return this.#frames;
  }

  /** Compares by identity, since messages are shared, too. */
  #has(messages: readonly Uint8Array[], from: number, to: number): boolean {
    const kept = this.#messages;
    if (kept.length !== to - from) return false;
    for (let at = 0; at < kept.length; at++) {
      if (kept[at] !== messages[from + at]) return false;
    }
    return true;
  }
}

/** The index up to which the messages, from `from` on, fit into one write; at least one does. */
function endOfWrite(messages: readonly Uint8Array[], from: number): number {
  let size = frameBytes(messages, from);
  let to = from + 1;
  while (to < messages.length) {
    size += frameBytes(messages, to);
    if (size > WRITE_BYTES) break;
    to += 1;
  }
  return to;
}

function joinFrames(messages: readonly Uint8Array[], from: number, to: number): Buffer {
  let size = 0;
  for (let i = from; i < to; i++) size += frameBytes(messages, i);
  const buffer = Buffer.allocUnsafe(size);
  let at = 0;
  for (let i = from; i < to; i++) at = putFrame(buffer, at, messages[i] ?? NO_BYTES);
  return buffer;
}

function frameBytes(messages: readonly Uint8Array[], index: number): number {
  return PREFIX_BYTES + (messages[index]?.length ?? 0);
}

function putFrame(buffer: Buffer, at: number, message: Uint8Array): number {
  buffer[at] = 0;
  buffer.writeUInt32BE(message.length, at + 1);
  buffer.set(message, at + PREFIX_BYTES);
  return at + PREFIX_BYTES + message.length;
}
