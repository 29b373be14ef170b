import { SendWindows } from '../flow/send-windows.js';
import { HpackEncoder } from '../hpack/encoder.js';
import type { ClientConduct } from '../limits/client-conduct.js';
import type { TickClock } from '../limits/clock.js';
import { FLAG, FRAME_TYPE, MAX_FRAME_SIZE } from '../protocol.js';
import type { FixedResponse, HeaderBlock } from '../response.js';
import type { Stream } from '../stream/stream.js';
import { FixedResponses } from './fixed-responses.js';
import { putHeaders } from './header-writer.js';
import type { OutputBuffer } from './output-buffer.js';
import type { SendQueue } from './send-queue.js';

/** The connection's output as a whole. */
export interface Flusher {
  schedule(): void;
  flush(): void;
}

/** Hears what becomes of responses. */
export interface ResponseEvents {
  /** The last frame of a response is written. */
  onResponseWritten(stream: Stream): void;
  /** A response has a header list that is larger than the client accepts. */
  onUnsendable(stream: Stream): void;
}

export interface SenderLimits {
  readonly conduct: ClientConduct;
  readonly clock: TickClock;
  readonly highWaterMark: number;
}

/** Makes the frames of all responses of a connection. Streams take turns, a frame each. */
export class ResponseSender {
  readonly windows = new SendWindows();
  readonly encoder = new HpackEncoder();
  /** SETTINGS_MAX_HEADER_LIST_SIZE of the client. */
  maxHeaderListSize = Infinity;
  readonly #fixed = new FixedResponses(this.encoder);
  #ready: Stream[] = [];
  /** Streams that have something to send, and whose window is closed. */
  readonly #stalled = new Set<Stream>();
  /** Streams whose queue has space again, and those whose response is written, to be reported. */
  #drained: Stream[] = [];
  #finished: Stream[] = [];

  constructor(
    private readonly flusher: Flusher,
    private readonly limits: SenderLimits,
    private readonly events: ResponseEvents,
  ) {}

  get stalled(): ReadonlySet<Stream> {
    return this.#stalled;
  }

  /** Bytes of whole responses that wait. */
  get fixedBytes(): number {
    return this.#fixed.bytes;
  }

  ready(stream: Stream): void {
    if (stream.isReady || this.#stalled.has(stream)) return;
    stream.isReady = true;
    this.#ready.push(stream);
    this.flusher.schedule();
  }

  /** Queues a whole response in its ready form. Returns false if it has to be sent in parts. */
  sendFixed(stream: Stream, response: FixedResponse): boolean {
    const { length } = response.data;
    const { windows } = this;
    if (
      stream.isReady ||
      !stream.requestEnded ||
      windows.connection < length ||
      windows.ofStream(stream) < length ||
      !this.#isAccepted(response.headers) ||
      !this.#isAccepted(response.trailers) ||
      !FixedResponses.isSmall(response)
    ) {
      return false;
    }
    windows.take(stream, length);
    this.limits.conduct.onDataSent(length);
    this.#fixed.add(stream.id, response);
    this.flusher.schedule();
    return true;
  }

  /** The client changed the window with which streams begin. */
  setInitialWindow(size: number): void {
    // Responses that were charged to the old windows go out before the acknowledgement.
    if (this.#fixed.bytes > 0) this.flusher.flush();
    this.windows.initial = size;
    for (const stalled of this.#stalled) this.resume(stalled);
  }

  /** The client widened the connection's window. Returns false if it is too wide. */
  widen(increment: number): boolean {
    if (this.#ready.length > 0) this.flusher.schedule();
    return this.windows.widen(increment);
  }

  /** The client widened a stream's window. Returns false if it is too wide. */
  widenStream(stream: Stream, increment: number): boolean {
    const isAllowed = this.windows.widenStream(stream, increment);
    this.resume(stream);
    return isAllowed;
  }

  resume(stream: Stream): void {
    if (this.windows.ofStream(stream) > 0 && this.#stalled.delete(stream)) this.ready(stream);
  }

  /** Drops everything of a stream that has ended. */
  forget(stream: Stream): void {
    this.#stalled.delete(stream);
  }

  clear(): void {
    this.#ready = [];
    this.#stalled.clear();
  }

  writeTo(output: OutputBuffer): void {
    this.#fixed.writeTo(output);
    const ready = this.#ready;
    let turns = 0;
    while (turns < ready.length && !output.isBlocked) {
      const stream = ready[turns];
      if (stream === undefined) break;
      if (!stream.closed && !this.#takeTurn(stream, output)) break;
      turns += 1;
      if (stream.isReady && !stream.closed) ready.push(stream);
    }
    if (turns > 0) this.#ready = turns === ready.length ? [] : ready.slice(turns);
  }

  /** Calls handlers about what was written. They may send more. */
  report(): void {
    const drained = this.#drained;
    const finished = this.#finished;
    if (drained.length > 0) this.#drained = [];
    if (finished.length > 0) this.#finished = [];
    for (const stream of finished) stream.handler.onClose('complete');
    for (const stream of drained) {
      if (!stream.closed && !stream.isEnding) stream.handler.onDrain();
    }
  }

  /** Sends one frame of data, and headers and trailers around it. False: no window for any. */
  #takeTurn(stream: Stream, output: OutputBuffer): boolean {
    const { unsentHeaders } = stream;
    if (unsentHeaders !== undefined && !this.#putLeading(stream, unsentHeaders, output))
      return true;
    const { queue } = stream;
    if (queue !== undefined && queue.length > 0) {
      if (this.windows.ofStream(stream) <= 0) {
        this.#stall(stream);
        return true;
      }
      if (this.windows.connection <= 0) return false;
      this.#putData(stream, queue, output);
      if (queue.length > 0) return true;
    }
    stream.isReady = false;
    if (stream.isEnding && !stream.closed) this.#putEnd(stream, output);
    return true;
  }

  /** Returns whether the response goes on after them. */
  #putLeading(stream: Stream, headers: HeaderBlock, output: OutputBuffer): boolean {
    stream.unsentHeaders = undefined;
    if (!this.#isAccepted(headers)) {
      this.events.onUnsendable(stream);
      return false;
    }
    const isAll =
      stream.isEnding && stream.unsentBytes === 0 && stream.unsentTrailers === undefined;
    putHeaders(output, this.encoder, headers, isAll, stream.id);
    if (isAll) this.#finish(stream);
    return !isAll;
  }

  #putData(stream: Stream, queue: SendQueue, output: OutputBuffer): void {
    const { windows } = this;
    const length = Math.min(
      MAX_FRAME_SIZE,
      queue.length,
      windows.connection,
      windows.ofStream(stream),
    );
    const isLast =
      length === queue.length && stream.isEnding && stream.unsentTrailers === undefined;
    output.reserve();
    output.putFrameHeader(length, FRAME_TYPE.DATA, isLast ? FLAG.END_STREAM : 0, stream.id);
    queue.moveTo(output.bytes, output.at, length);
    output.at += length;
    windows.take(stream, length);
    // A client that opens its window by single bytes earns nothing by that.
    if (queue.length === 0 || length >= 1024) this.limits.conduct.onDataSent(length);
    if (stream.full && queue.length <= this.limits.highWaterMark / 4) {
      stream.full = false;
      this.#drained.push(stream);
    }
    if (isLast) this.#finish(stream);
  }

  #putEnd(stream: Stream, output: OutputBuffer): void {
    const { unsentTrailers } = stream;
    if (unsentTrailers === undefined) {
      output.reserve();
      output.putFrameHeader(0, FRAME_TYPE.DATA, FLAG.END_STREAM, stream.id);
    } else if (this.#isAccepted(unsentTrailers)) {
      putHeaders(output, this.encoder, unsentTrailers, true, stream.id);
    } else {
      this.events.onUnsendable(stream);
      return;
    }
    this.#finish(stream);
  }

  #finish(stream: Stream): void {
    stream.isReady = false;
    this.#finished.push(stream);
    this.events.onResponseWritten(stream);
  }

  #stall(stream: Stream): void {
    stream.isReady = false;
    stream.stalledSince = this.limits.clock.now;
    this.#stalled.add(stream);
  }

  #isAccepted(block: HeaderBlock): boolean {
    return block.listSize <= this.maxHeaderListSize;
  }
}
