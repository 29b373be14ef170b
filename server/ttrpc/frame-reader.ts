import { HEADER_BYTES, MAX_DATA_BYTES, readHeader, type FrameHeader } from './frame.js';

/** Receives the frames of a connection. */
export interface FrameHandler {
  /** @param data a view of the bytes that were read */
  onFrame(header: FrameHeader, data: Buffer): void;
  /** A frame with more data than allowed begins. Its data is skipped. */
  onOversized(header: FrameHeader): void;
}

/** Splits the bytes of a connection into frames as they arrive. */
export class TtrpcFrameReader {
  #parts: Buffer[] = [];
  #bytes = 0;
  /** Bytes known to be needed for the next frame. */
  #needed = HEADER_BYTES;
  /** Bytes left of an oversized frame. */
  #toSkip = 0;

  constructor(private readonly handler: FrameHandler) {}

  /** Bytes of an incomplete frame. */
  get heldBytes(): number {
    return this.#bytes;
  }

  push(read: Buffer): void {
    const bytes = this.#skip(read);
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes < this.#needed) return;
    const joined = this.#parts.length === 1 ? bytes : Buffer.concat(this.#parts, this.#bytes);
    this.#parts = [];
    this.#split(joined);
  }

  #skip(bytes: Buffer): Buffer {
    const skipped = Math.min(this.#toSkip, bytes.length);
    this.#toSkip -= skipped;
    return skipped === 0 ? bytes : bytes.subarray(skipped);
  }

  #split(bytes: Buffer): void {
    let at = 0;
    this.#needed = HEADER_BYTES;
    while (bytes.length - at >= HEADER_BYTES) {
      const header = readHeader(bytes, at);
      const begin = at + HEADER_BYTES;
      const end = begin + header.length;
      if (header.length > MAX_DATA_BYTES) {
        this.handler.onOversized(header);
        this.#toSkip = Math.max(0, end - bytes.length);
        at = Math.min(end, bytes.length);
        continue;
      }
      if (end > bytes.length) {
        this.#needed = end - at;
        break;
      }
      this.handler.onFrame(header, bytes.subarray(begin, end));
      at = end;
    }
    this.#keep(bytes.subarray(at));
  }

  #keep(rest: Buffer): void {
    this.#bytes = rest.length;
    if (rest.length > 0) this.#parts = [rest];
  }
}
