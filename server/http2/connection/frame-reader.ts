import { frameSizeError } from '../connection-error.js';
import { FRAME_HEADER_BYTES, MAX_FRAME_SIZE, MAX_STREAM_ID } from '../protocol.js';

/** Receives frames whose payload is complete: `bytes[begin]` up to `bytes[end]`. */
export interface FrameSink {
  onFrame(
    bytes: Buffer,
    begin: number,
    end: number,
    type: number,
    flags: number,
    streamId: number,
  ): void;
}

/** Memory for the first part of a frame, which may claim to be much longer. */
const FIRST_PART_BYTES = 512;

/** Finds the frames in what a client sends (RFC 9113, section 4.1). */
export class FrameReader {
  /** Nothing more is read, not even the rest of the bytes at hand. */
  isStopped = false;
  /** The beginning of a frame whose end has not arrived. */
  #partial: Buffer | undefined;
  #partialLength = 0;

  constructor(private readonly sink: FrameSink) {}

  get isWithinFrame(): boolean {
    return this.#partial !== undefined;
  }

  /** Throws FRAME_SIZE_ERROR as soon as a frame's header says too much. */
  read(bytes: Buffer): void {
    let at = this.#partial === undefined ? 0 : this.#complete(this.#partial, bytes);
    while (!this.isStopped && bytes.length - at >= FRAME_HEADER_BYTES) {
      const end = at + frameSize(bytes, at);
      if (end > bytes.length) break;
      this.#deliver(bytes, at, end);
      at = end;
    }
    if (at < bytes.length && !this.isStopped) this.#keep(bytes, at);
  }

  #deliver(bytes: Buffer, at: number, end: number): void {
    const begin = at + FRAME_HEADER_BYTES;
    const streamId = bytes.readUInt32BE(at + 5) & MAX_STREAM_ID;
    this.sink.onFrame(bytes, begin, end, bytes[at + 3] ?? 0, bytes[at + 4] ?? 0, streamId);
  }

  #keep(bytes: Buffer, at: number): void {
    const length = bytes.length - at;
    this.#partial = Buffer.allocUnsafe(Math.max(FIRST_PART_BYTES, 2 * length));
    this.#partialLength = bytes.copy(this.#partial, 0, at);
  }

  /** Adds bytes to the partial frame, and delivers it if it is whole. Returns how many it took. */
  #complete(partial: Buffer, bytes: Buffer): number {
    let taken = 0;
    if (this.#partialLength < FRAME_HEADER_BYTES) {
      taken = this.#append(partial, bytes, 0, FRAME_HEADER_BYTES);
      if (this.#partialLength < FRAME_HEADER_BYTES) return taken;
    }
    const size = frameSize(partial, 0);
    const space = this.#withSpaceFor(partial, bytes.length - taken, size);
    taken += this.#append(space, bytes, taken, size);
    if (this.#partialLength < size) return taken;
    this.#partial = undefined;
    this.#deliver(space, 0, size);
    return taken;
  }

  /** Fills the partial frame up to a length. Returns how many bytes it took. */
  #append(partial: Buffer, bytes: Buffer, from: number, upTo: number): number {
    const end = Math.min(bytes.length, from + upTo - this.#partialLength);
    const copied = bytes.copy(partial, this.#partialLength, from, end);
    this.#partialLength += copied;
    return copied;
  }

  /** Grows with what arrives: a frame's header alone must not claim memory. */
  #withSpaceFor(partial: Buffer, bytes: number, frameBytes: number): Buffer {
    const needed = Math.min(frameBytes, this.#partialLength + bytes);
    if (needed <= partial.length) return partial;
    const larger = Buffer.allocUnsafe(Math.min(frameBytes, Math.max(needed, 2 * partial.length)));
    partial.copy(larger, 0, 0, this.#partialLength);
    return (this.#partial = larger);
  }
}

/** Size of a frame with its header. */
function frameSize(bytes: Buffer, at: number): number {
  const length = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  if (length > MAX_FRAME_SIZE) {
    throw frameSizeError(`frame of ${length} bytes, expected at most ${MAX_FRAME_SIZE}`);
  }
  return FRAME_HEADER_BYTES + length;
}
