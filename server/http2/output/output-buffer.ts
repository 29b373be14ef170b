import type { Socket } from 'node:net';
import { FLAG, FRAME_HEADER_BYTES, FRAME_TYPE, MAX_FRAME_SIZE } from '../protocol.js';

const BLOCK_BYTES = 128 * 1024;
/** A frame and its header: the most that is reserved unless a caller says more. */
const LARGEST_FRAME_BYTES = MAX_FRAME_SIZE + FRAME_HEADER_BYTES;

/**
 * Memory in which frames are made. One block serves all connections, because they are flushed one
 * after the other, and the kernel nearly always takes what is written at once.
 */
export class OutputBuffer {
  bytes = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  /** The end of what is written. */
  at = 0;
  /** The socket takes no more before its `drain` event. */
  isBlocked = false;
  #begin = 0;
  #socket!: Socket;

  /** Begins the output of one connection. */
  begin(socket: Socket): void {
    this.#socket = socket;
    this.isBlocked = false;
  }

  /** Makes space for that many bytes; sends what is written if necessary. */
  reserve(bytes = LARGEST_FRAME_BYTES): void {
    if (this.bytes.length - this.at >= bytes) return;
    this.send();
    if (this.bytes.length - this.at >= bytes) return;
    this.bytes = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, bytes));
    this.at = this.#begin = 0;
  }

  send(): void {
    if (this.at === this.#begin) return;
    const socket = this.#socket;
    this.isBlocked = !socket.write(this.bytes.subarray(this.#begin, this.at));
    // Otherwise the socket still refers to these bytes, until the kernel takes them.
    if (socket.writableLength === 0) this.at = this.#begin;
    this.#begin = this.at;
  }

  putFrameHeader(length: number, type: number, flags: number, streamId: number): void {
    this.at = frameHeader(this.bytes, this.at, length, type, flags, streamId);
  }

  /**
   * Makes frames of a header block, which is in place behind the space for its first frame's
   * header: HEADERS, and CONTINUATION for what exceeds one frame.
   */
  endHeaderBlock(begin: number, end: number, endStream: boolean, streamId: number): void {
    const { bytes } = this;
    const { HEADERS, CONTINUATION } = FRAME_TYPE;
    const flags = endStream ? FLAG.END_STREAM : 0;
    let left = end - begin - FRAME_HEADER_BYTES;
    let size = Math.min(left, MAX_FRAME_SIZE);
    let endHeaders = left === size ? FLAG.END_HEADERS : 0;
    let at = frameHeader(bytes, begin, size, HEADERS, flags | endHeaders, streamId) + size;
    for (left -= size; left > 0; left -= size) {
      size = Math.min(left, MAX_FRAME_SIZE);
      endHeaders = left === size ? FLAG.END_HEADERS : 0;
      bytes.copyWithin(at + FRAME_HEADER_BYTES, at, at + left);
      at = frameHeader(bytes, at, size, CONTINUATION, endHeaders, streamId) + size;
    }
    this.at = at;
  }
}

/** Writes a frame's header and returns the position after it. */
export function frameHeader(
  bytes: Uint8Array,
  at: number,
  length: number,
  type: number,
  flags: number,
  streamId: number,
): number {
  bytes[at] = length >>> 16;
  bytes[at + 1] = length >>> 8;
  bytes[at + 2] = length;
  bytes[at + 3] = type;
  bytes[at + 4] = flags;
  return putUint32(bytes, at + 5, streamId);
}

/** Writes 32 bits and returns the position after them. */
export function putUint32(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
  return at + 4;
}
