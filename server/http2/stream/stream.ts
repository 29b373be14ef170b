import type { CloseReason, Http2Connection, Http2Stream, StreamHandler } from '../api.js';
import { ERROR_CODE } from '../error-code.js';
import { HeaderList } from '../header-list.js';
import { SendQueue } from '../output/send-queue.js';
import type { FixedResponse, HeaderBlock } from '../response.js';

/** Parts of a connection that its streams use. */
export interface StreamOwner {
  readonly connection: Http2Connection;
  readonly highWaterMark: number;
  /** The stream has something to send. */
  ready(stream: Stream): void;
  sendFixed(stream: Stream, response: FixedResponse): void;
  /** The client may send that many bytes more. */
  credit(stream: Stream, bytes: number): void;
  /** The stream keeps bytes of an incomplete message from now on. */
  startKeeping(stream: Stream): void;
  stopKeeping(stream: Stream): void;
  release(stream: Stream, bytes: number): void;
  reset(stream: Stream, code: number): void;
}

const IGNORE: StreamHandler = { onData() {}, onEnd() {}, onDrain() {}, onClose() {} };

/** One request and its response (RFC 9113, section 5). Its frames are made by its connection. */
export class Stream implements Http2Stream {
  handler: StreamHandler = IGNORE;
  requestEnded = false;
  closed = false;
  closeReason: CloseReason | undefined = undefined;
  resetCode: number | undefined = undefined;

  /** Bytes that the client may still send. */
  receiveWindow: number;
  /** Bytes that it may send more, and does not know yet. */
  credit = 0;
  /** Bytes that were delivered and are neither consumed nor released. */
  heldBytes = 0;
  /** Part of them that waits for the rest of a message, and since when. */
  keptBytes = 0;
  keptSince = 0;
  /** Bytes of the body that content-length announces; negative without one. */
  contentLeft: number;

  /** The send window, relative to the one with which the client has all streams begin. */
  sendWindowOffset = 0;
  full = false;
  /** The connection has it in its list of streams with something to send. */
  isReady = false;
  unsentHeaders: HeaderBlock | undefined = undefined;
  unsentTrailers: HeaderBlock | undefined = undefined;
  queue: SendQueue | undefined = undefined;
  /** The response ends after what is unsent; since when that waits for the client's window. */
  isEnding = false;
  stalledSince = 0;

  readonly #owner: StreamOwner;

  constructor(
    readonly id: number,
    owner: StreamOwner,
    public headers: HeaderList,
    receiveWindow: number,
    /** When the client opened it. */
    readonly openedAt: number,
  ) {
    this.#owner = owner;
    this.receiveWindow = receiveWindow;
    this.contentLeft = headers.contentLength;
  }

  get connection(): Http2Connection {
    return this.#owner.connection;
  }

  get unsentBytes(): number {
    return this.queue?.length ?? 0;
  }

  forgetHeaders(): void {
    this.headers = HeaderList.EMPTY;
  }

  consume(bytes: number): void {
    if (this.closed) return;
    this.#owner.release(this, bytes);
    this.#owner.credit(this, bytes);
  }

  keep(bytes: number): void {
    if (this.closed) return;
    if (this.keptBytes === 0) this.#owner.startKeeping(this);
    this.keptBytes += bytes;
    this.#owner.credit(this, bytes);
  }

  release(bytes: number): void {
    if (this.closed) return;
    const released = Math.min(bytes, this.keptBytes);
    this.keptBytes -= released;
    if (released > 0 && this.keptBytes === 0) this.#owner.stopKeeping(this);
    this.#owner.release(this, released);
  }

  sendHeaders(headers: HeaderBlock, endStream = false): void {
    if (this.closed || this.isEnding) return;
    this.unsentHeaders = headers;
    this.isEnding = endStream;
    this.#owner.ready(this);
  }

  sendData(bytes: Uint8Array): boolean {
    if (this.closed || this.isEnding) return true;
    const queue = (this.queue ??= new SendQueue());
    queue.push(bytes);
    this.full = queue.length >= this.#owner.highWaterMark;
    this.#owner.ready(this);
    return !this.full;
  }

  sendTrailers(trailers: HeaderBlock): void {
    if (this.closed || this.isEnding) return;
    this.unsentTrailers = trailers;
    this.isEnding = true;
    this.#owner.ready(this);
  }

  end(): void {
    if (this.closed || this.isEnding) return;
    this.isEnding = true;
    this.#owner.ready(this);
  }

  sendFixed(response: FixedResponse): void {
    if (this.closed || this.isEnding) return;
    this.#owner.sendFixed(this, response);
  }

  reset(code: number = ERROR_CODE.CANCEL): void {
    if (!this.closed) this.#owner.reset(this, code);
  }

  /** Nothing can be sent or received from now on. */
  markClosed(reason: CloseReason): void {
    this.closed = true;
    this.closeReason = reason;
    this.heldBytes = this.keptBytes = 0;
    this.queue = this.unsentHeaders = this.unsentTrailers = undefined;
  }
}
