import { excessiveLoad, protocolError } from '../connection-error.js';
import type { HeldBytes } from '../limits/held-bytes.js';
import { FLAG, MAX_STREAM_ID } from '../protocol.js';

/** The block of a HEADERS frame and its CONTINUATION frames: `bytes[begin]` to `bytes[end]`. */
export interface WholeBlock {
  readonly bytes: Buffer;
  readonly begin: number;
  readonly end: number;
  readonly endStream: boolean;
  /** The frame says that the stream depends on itself. */
  readonly dependsOnItself: boolean;
}

interface PartialBlock {
  readonly streamId: number;
  readonly endStream: boolean;
  readonly dependsOnItself: boolean;
  readonly fragments: Buffer[];
  bytes: number;
  continuations: number;
}

export interface BlockLimits {
  readonly maxHeaderListSize: number;
  readonly maxContinuations: number;
}

const PRIORITY_BYTES = 5;

/** Joins the fragments of header blocks (RFC 9113, sections 4.3, 6.2 and 6.10). */
export class HeaderBlockReader {
  #partial: PartialBlock | undefined;

  constructor(
    private readonly limits: BlockLimits,
    private readonly held: HeldBytes,
  ) {}

  /** No frame but CONTINUATION may come. */
  get isWithinBlock(): boolean {
    return this.#partial !== undefined;
  }

  /** Returns the block if the frame has all of it. */
  readHeaders(
    bytes: Buffer,
    frameBegin: number,
    frameEnd: number,
    flags: number,
    streamId: number,
  ): WholeBlock | undefined {
    let begin = frameBegin;
    let end = frameEnd;
    if ((flags & FLAG.PADDED) !== 0) {
      if (begin === end) throw protocolError('padded HEADERS without a pad length');
      end -= bytes[begin] ?? 0;
      begin += 1;
    }
    let dependsOnItself = false;
    if ((flags & FLAG.PRIORITY) !== 0) {
      if (begin + PRIORITY_BYTES > end) throw protocolError('HEADERS without its priority');
      dependsOnItself = (bytes.readUInt32BE(begin) & MAX_STREAM_ID) === streamId;
      begin += PRIORITY_BYTES;
    }
    if (begin > end) throw protocolError('HEADERS with more padding than payload');
    const endStream = (flags & FLAG.END_STREAM) !== 0;
    if ((flags & FLAG.END_HEADERS) !== 0) return { bytes, begin, end, endStream, dependsOnItself };
    this.#hold(end - begin);
    this.#partial = {
      streamId,
      endStream,
      dependsOnItself,
      // A copy, so that a client that stops here does not keep a whole read in memory.
      fragments: [Buffer.from(bytes.subarray(begin, end))],
      bytes: end - begin,
      continuations: 0,
    };
    return undefined;
  }

  /** Returns the block if the frame is the last of it. */
  readContinuation(
    bytes: Buffer,
    begin: number,
    end: number,
    flags: number,
    streamId: number,
  ): WholeBlock | undefined {
    const partial = this.#partial;
    if (partial?.streamId !== streamId) {
      throw protocolError('CONTINUATION of no header block of its stream');
    }
    partial.bytes += end - begin;
    partial.continuations += 1;
    if (partial.bytes > this.limits.maxHeaderListSize) throw excessiveLoad('header block too long');
    if (partial.continuations > this.limits.maxContinuations) {
      throw excessiveLoad('too many CONTINUATION frames');
    }
    this.#hold(end - begin);
    if (end > begin) partial.fragments.push(Buffer.from(bytes.subarray(begin, end)));
    if ((flags & FLAG.END_HEADERS) === 0) return undefined;
    this.#partial = undefined;
    this.held.remove(partial.bytes);
    const { endStream, dependsOnItself } = partial;
    const whole = Buffer.concat(partial.fragments);
    return { bytes: whole, begin: 0, end: whole.length, endStream, dependsOnItself };
  }

  #hold(bytes: number): void {
    if (!this.held.add(bytes)) throw excessiveLoad('too many bytes of unfinished requests');
  }
}
