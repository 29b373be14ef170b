import type { CloseReason, Http2Connection } from '../api.js';
import { ERROR_CODE } from '../error-code.js';
import type { ReceiveFlow } from '../flow/receive-flow.js';
import type { HeaderList } from '../header-list.js';
import type { ClientConduct } from '../limits/client-conduct.js';
import type { TickClock } from '../limits/clock.js';
import type { HeldBytes } from '../limits/held-bytes.js';
import type { Http2Options } from '../options.js';
import type { ControlFrames } from '../output/control-frames.js';
import type { ResponseSender } from '../output/response-sender.js';
import type { FixedResponse } from '../response.js';
import { ClosedStreams } from './closed-streams.js';
import { Stream, type StreamOwner } from './stream.js';

/** A client that resets a stream sooner than that only costs. */
const RAPID_RESET_MS = 1000;

/** Parts of a connection that its streams need. */
export interface ConnectionParts {
  readonly control: ControlFrames;
  readonly sender: ResponseSender;
  readonly flow: ReceiveFlow;
  readonly held: HeldBytes;
  readonly conduct: ClientConduct;
}

/** The streams of a connection: begins them, ends them, and knows which have been. */
export class Streams implements StreamOwner {
  /** The highest stream that the client opened. */
  lastId = 0;
  readonly open = new Map<number, Stream>();
  /** Streams that keep bytes of an incomplete message. */
  readonly keeping = new Set<Stream>();
  readonly highWaterMark: number;
  readonly #resets: ClosedStreams;

  constructor(
    readonly connection: Http2Connection,
    private readonly options: Http2Options,
    private readonly clock: TickClock,
    private readonly parts: ConnectionParts,
  ) {
    this.highWaterMark = options.streamHighWaterMark;
    this.#resets = new ClosedStreams(options.maxConcurrentStreams);
  }

  begin(id: number, headers: HeaderList): Stream {
    const { initialWindowSize } = this.options;
    const stream = new Stream(id, this, headers, initialWindowSize, this.clock.now);
    this.open.set(id, stream);
    return stream;
  }

  /** The stream ended by a RST_STREAM of this server; frames for it are ignored. */
  wasReset(id: number): boolean {
    return this.#resets.has(id);
  }

  ready(stream: Stream): void {
    this.parts.sender.ready(stream);
  }

  sendFixed(stream: Stream, response: FixedResponse): void {
    if (this.parts.sender.sendFixed(stream, response)) {
      this.#remove(stream, 'complete');
      stream.handler.onClose('complete');
      return;
    }
    stream.sendHeaders(response.headers);
    stream.sendData(response.data);
    stream.sendTrailers(response.trailers);
  }

  credit(stream: Stream, bytes: number): void {
    this.parts.flow.credit(stream, bytes);
  }

  /** Counts bytes that are delivered to a stream's handler. Returns false if they are too many. */
  hold(stream: Stream, bytes: number): boolean {
    stream.heldBytes += bytes;
    return this.parts.held.add(bytes);
  }

  startKeeping(stream: Stream): void {
    stream.keptSince = this.clock.now;
    this.keeping.add(stream);
  }

  stopKeeping(stream: Stream): void {
    this.keeping.delete(stream);
  }

  release(stream: Stream, bytes: number): void {
    const released = Math.min(bytes, stream.heldBytes);
    stream.heldBytes -= released;
    this.parts.held.remove(released);
  }

  /** The response is written; the sender reports it. Stops a request whose rest is not needed. */
  complete(stream: Stream): void {
    this.#remove(stream, 'complete');
    if (!stream.requestEnded) this.#sendReset(stream.id, ERROR_CODE.NO_ERROR);
  }

  /** Ends a stream on behalf of its handler, or for a limit that is no fault of the client. */
  reset(stream: Stream, code: number): void {
    stream.resetCode = code;
    this.#sendReset(stream.id, code);
    this.close(stream, 'aborted');
  }

  /** Ends a stream for a fault of the client. Throws if it commits too many. */
  fault(stream: Stream, code: number): void {
    this.parts.conduct.countReset();
    this.reset(stream, code);
  }

  /** The same for a stream that is not open. */
  faultOf(id: number, code: number): void {
    this.parts.conduct.countReset();
    this.#sendReset(id, code);
  }

  /** The client reset a stream. */
  onReset(stream: Stream, code: number): void {
    if (this.clock.now - stream.openedAt <= RAPID_RESET_MS) this.parts.conduct.countReset();
    stream.resetCode = code;
    this.close(stream, 'reset');
  }

  close(stream: Stream, reason: CloseReason): void {
    this.#remove(stream, reason);
    this.parts.sender.forget(stream);
    stream.handler.onClose(reason);
  }

  /** The connection has ended. */
  closeAll(): void {
    this.parts.sender.clear();
    const streams = [...this.open.values()];
    this.open.clear();
    this.keeping.clear();
    for (const stream of streams) stream.markClosed('lost');
    for (const stream of streams) stream.handler.onClose('lost');
  }

  #remove(stream: Stream, reason: CloseReason): void {
    this.open.delete(stream.id);
    if (stream.keptBytes > 0) this.keeping.delete(stream);
    if (stream.heldBytes > 0) this.parts.held.remove(stream.heldBytes);
    stream.markClosed(reason);
  }

  #sendReset(id: number, code: number): void {
    this.#resets.add(id);
    this.parts.control.resetStream(id, code);
  }
}
