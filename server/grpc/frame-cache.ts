/** Compression flag (none) and length, before every gRPC message. */
const PREFIX_BYTES = 5;
/** Frames are gathered into writes of about this size; larger messages go out alone. */
const WRITE_BYTES = 256 * 1024;
/** Largest write that is remembered: a full batch of entries fits. */
const KEPT_BYTES = 2 * 1024 * 1024;

/**
 * Joins messages into length-prefixed frames, and remembers the last write: subscribers of the same
 * events are served one after the other, and filling the buffer is half the cost of a delivery. One
 * edge's streams share one cache.
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
